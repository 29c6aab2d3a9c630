package dev.tallyman.engine.control;

import dev.tallyman.build.Cancellation;
import dev.tallyman.engine.session.SessionTarget;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One Solve on its way. What is to be built may come through its gateway: the client asks for it there, and returns what it got. */
final class Job {
  /** Clients prepare several builds before they return the first; then they just wait for each other. */
  private static final int RETURN_MINUTES = 10;
  private static final int MOST_RESULTS = 16;
  private static final int MOST_CHARACTERS = 1 << 20;

  final Cancellation cancellation = new Cancellation();
  final StatusQueue queue;
  final JobTrace trace;
  private final Map<String, Result> results = new HashMap<>();
  private int characters;
  private final CompletableFuture<@Nullable Result> returned = new CompletableFuture<>();
  private final CompletableFuture<@Nullable Void> cancelled = new CompletableFuture<>();

  /** Of the client's session. */
  final String session;

  Job(Duration patience, String session) {
    this.session = session;
    queue = new StatusQueue(patience);
    trace = new JobTrace(queue);
  }

  /** Something that the gateway was asked to build. @param length of its options in characters; @return by which the client names it */
  synchronized String add(Result result, int length) {
    characters += length;
    if (results.size() >= MOST_RESULTS || characters > MOST_CHARACTERS) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "this build has asked for as many results as are allowed");
    }
    String id = "result" + results.size();
    results.put(id, result);
    return id;
  }

  /** The client is content with a result. @param id empty: with none */
  synchronized void deliver(String id) {
    if (id.isEmpty()) {
      returned.complete(null);
      dropOthers(null);
      return;
    }
    Result found = require(id);
    returned.complete(found);
    dropOthers(found);
  }

  private void dropOthers(@Nullable Result chosen) {
    results.values().stream().filter(each -> each != chosen).forEach(each -> each.failed("the target that this build stands on was not built"));
  }

  /** @throws TallymanException NOT_FOUND */
  synchronized Result require(String id) {
    Result found = results.get(id);
    if (found == null) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "this build has no result " + id);
    }
    return found;
  }

  synchronized boolean has(Result result) {
    return results.containsValue(result);
  }

  /** Absent when there is none of that id. */
  synchronized @Nullable Result result(String id) {
    return results.get(id);
  }

  /** Nothing is built any more. */
  synchronized void end() {
    queue.end();
    dropOthers(null);
  }

  void fail(RuntimeException failure) {
    returned.completeExceptionally(failure);
  }

  /** What is to be built; absent when the client wanted no build. */
  @Nullable Result await() {
    try {
      return returned.get(RETURN_MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TallymanException(ErrorKind.UNAVAILABLE, "interrupted while waiting for a client", e);
    } catch (ExecutionException e) {
      throw (RuntimeException) e.getCause();
    } catch (TimeoutException e) {
      throw new TallymanException(ErrorKind.CONFLICT, "the client did not say within " + RETURN_MINUTES + " minutes what is to be built", e);
    }
  }

  /** @param own gets the files of the result */
  void target(SessionTarget own) {
    trace.target(own);
    whenCancelled(own::cancel);
  }

  /** Runs the task if it is cancelled, at once if it is already. */
  void whenCancelled(Runnable task) {
    cancelled.thenRun(task);
  }

  /** Ends it from another thread; may block. */
  void cancel() {
    fail(new TallymanException(ErrorKind.CONFLICT, "the build was cancelled"));
    cancelled.complete(null);
    cancellation.cancel();
    if (!queue.isEnded()) {
      queue.drop();
    }
  }
}
