package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.libc.Libc;
import dev.tallyman.kernel.libc.LibcException;
import dev.tallyman.kernel.libc.Spawn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Helpers that are executed ahead and wait for their one request, so that a caller does not wait for the execution. Each serves one request
 * like any other, and reads the policy after it has it. One that nobody needs is let go after {@link #PATIENCE}: an idle server has none.
 * Thread-safe.
 */
final class SpareHelpers {
  private static final Logger LOG = Logger.getLogger(SpareHelpers.class);
  /** Shorter than the time that a helper waits for its request (TM_DEADLINE_SECONDS). */
  static final Duration PATIENCE = Duration.ofSeconds(5);
  /** A container's end and the next one's start. */
  private static final int AT_MOST = 2;

  private final Spawn spawn;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "helper-spares");
            thread.setDaemon(true);
            return thread;
          });
  private boolean isClosed;

  /** @param socket connected to its descriptor 3; whoever takes it closes it and collects the process */
  record Waiting(int pid, int socket) {}

  SpareHelpers(Spawn spawn) {
    this.spawn = spawn;
  }

  /** Executes one now. */
  Waiting start() throws LibcException {
    Libc.Pair pair = Libc.socketPair();
    try {
      return new Waiting(spawn.start(pair.second()), pair.first());
    } catch (LibcException e) {
      Libc.close(pair.first());
      throw e;
    } finally {
      Libc.close(pair.second());
    }
  }

  synchronized @Nullable Waiting take() {
    return waiting.pollFirst();
  }

  /** Puts one more by, if there is room for it. Blocks as long as the execution takes. */
  void add() {
    if (!hasRoom()) {
      return;
    }
    try {
      Waiting more = start();
      if (!keep(more)) {
        discard(more);
      }
    } catch (LibcException e) {
      LOG.debugf("no helper could be executed ahead: %s", e.getMessage()); // the next call will say so
    }
  }

  private synchronized boolean hasRoom() {
    return !isClosed && waiting.size() < AT_MOST;
  }

  /** Asked again, because others added meanwhile, or it was closed. */
  private synchronized boolean keep(Waiting more) {
    if (!hasRoom()) {
      return false;
    }
    waiting.addLast(more);
    timer.schedule(() -> letGo(more), PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    return true;
  }

  private void letGo(Waiting old) {
    synchronized (this) {
      if (!waiting.remove(old)) {
        return;
      }
    }
    discard(old);
  }

  /** It ends as soon as its socket is closed. */
  static void discard(Waiting old) {
    Libc.close(old.socket());
    try {
      Libc.waitFor(old.pid());
    } catch (LibcException e) {
      throw new IllegalStateException(e); // waitpid on a child of ours can only be interrupted, and that is handled
    }
  }

  void close() {
    synchronized (this) {
      isClosed = true;
      timer.shutdownNow();
    }
    for (Waiting each = take(); each != null; each = take()) {
      discard(each);
    }
  }
}
