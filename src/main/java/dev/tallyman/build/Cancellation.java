package dev.tallyman.build;

import dev.tallyman.build.remote.Waiting;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;

/** Ends a build from another thread. What takes long registers how it is ended. */
public final class Cancellation implements Waiting {
  private final List<Runnable> running = new ArrayList<>();
  private boolean isCancelled;

  /** Runs what is registered, once. */
  public void cancel() {
    List<Runnable> all;
    synchronized (this) {
      isCancelled = true;
      all = List.copyOf(running);
      running.clear();
    }
    all.forEach(Runnable::run);
  }

  /** @throws TallymanException CONFLICT if the build was cancelled */
  @Override
  public synchronized void check() {
    if (isCancelled) {
      throw new TallymanException(ErrorKind.CONFLICT, "the build was cancelled");
    }
  }

  synchronized boolean isCancelled() {
    return isCancelled;
  }

  /** @param end runs at once if it is too late; forget it by closing */
  @Override
  public Registration on(Runnable end) {
    synchronized (this) {
      if (!isCancelled) {
        running.add(end);
        return () -> forget(end);
      }
    }
    end.run();
    return () -> {};
  }

  private synchronized void forget(Runnable end) {
    running.remove(end);
  }

  /** What was registered. */
  public interface Registration extends Waiting.Ticket {}
}
