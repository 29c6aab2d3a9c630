package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelConfig;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.libc.Libc;
import dev.tallyman.kernel.libc.LibcException;
import dev.tallyman.kernel.libc.Spawn;
import io.micrometer.core.instrument.Metrics;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs the helper. Callers may be on any thread, virtual ones too: the native calls, which pin, happen on threads of this class. Up to
 * {@value #CALLS} short operations run at a time; streams have as many threads as they need, since they may last an hour.
 */
@Singleton
@Startup
class Helper {
  static final int CALLS = 32;

  private final SpareHelpers helpers;
  private final ExecutorService calls = Executors.newFixedThreadPool(CALLS, threads("helper-call-"));
  private final ExecutorService streams = Executors.newCachedThreadPool(threads("helper-stream-"));

  @Inject
  Helper(KernelConfig config) {
    this(config.helper());
  }

  Helper(Path program) {
    Libc.warm();
    helpers = new SpareHelpers(new Spawn(program.toAbsolutePath().toString()));
  }

  private static ThreadFactory threads(String prefix) {
    AtomicInteger number = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, prefix + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * @return a reply with the status OK
   * @throws KernelException for every other status, and if the helper cannot be run or does not answer in time
   */
  Reply call(Request request) {
    HelperCall call = new HelperCall(helpers, request);
    long begun = System.nanoTime();
    calls.execute(call);
    Reply reply = await(call);
    measure(request.verb(), reply.status(), System.nanoTime() - begun);
    return HelperErrors.check(request.verb(), reply);
  }

  /** For Prometheus: how often, how long and with which outcome the helper ran. */
  private static void measure(Verb verb, Status status, long nanos) {
    Metrics.timer("tallyman.helper.calls", "verb", Words.of(verb), "status", Words.of(status)).record(nanos, TimeUnit.NANOSECONDS);
  }

  /** Runs a verb that reads from a pipe; feeds it with the stream. Reading stops when the helper has answered. */
  Reply send(Request request, InputStream in) {
    Libc.Pair pipe = pipe();
    HelperCall call = new HelperCall(helpers, request, pipe.first());
    Pump.Feeder feeder = new Pump.Feeder(in, pipe.second());
    Future<?> feeding = streams.submit(feeder);
    return finish(request, call, feeder, feeding);
  }

  /** Runs a verb that writes to a pipe; passes on what it writes. All was passed on when this returns. */
  Reply receive(Request request, OutputStream out) {
    Libc.Pair pipe = pipe();
    HelperCall call = new HelperCall(helpers, request, pipe.second());
    Pump.Drain drain = new Pump.Drain(pipe.first(), out);
    Future<?> draining = streams.submit(drain);
    return finish(request, call, drain, draining);
  }

  private Reply finish(Request request, HelperCall call, Pump pump, Future<?> pumping) {
    streams.execute(call);
    Reply reply;
    try {
      reply = await(call);
    } catch (RuntimeException e) {
      pump.stop();
      pumping.cancel(true);
      throw e;
    }
    if (reply.status() != Status.OK || pump instanceof Pump.Feeder) {
      pump.stop();
    }
    await(pumping);
    IOException failure = pump.failure();
    if (failure != null) {
      throw new UncheckedIOException(failure);
    }
    return HelperErrors.check(request.verb(), reply);
  }

  private static Libc.Pair pipe() {
    try {
      return Libc.pipe(Pump.PIPE_BYTES);
    } catch (LibcException e) {
      throw new KernelException(ErrorKind.UNAVAILABLE, "cannot open a pipe to the helper: " + e.getMessage(), e);
    }
  }

  private static Reply await(HelperCall call) {
    try {
      return call.result.get();
    } catch (InterruptedException e) {
      call.cancel();
      Thread.currentThread().interrupt();
      throw new KernelException(ErrorKind.UNAVAILABLE, "the operation was interrupted", e);
    } catch (ExecutionException e) {
      throw rethrow(e);
    }
  }

  private static void await(Future<?> pumping) {
    try {
      pumping.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KernelException(ErrorKind.UNAVAILABLE, "the operation was interrupted", e);
    } catch (ExecutionException e) {
      throw rethrow(e);
    }
  }

  private static RuntimeException rethrow(ExecutionException e) {
    return e.getCause() instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e.getCause());
  }

  @PreDestroy
  void close() {
    helpers.close();
    calls.shutdown();
    streams.shutdown();
  }
}
