package dev.tallyman.build;

import dev.tallyman.build.remote.Waiting;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;

/** Ends a build, or what else has to wait for others, from another thread. What takes long registers how it is ended. */
public final class Cancellation implements Waiting {
  private final List<Runnable> running = new ArrayList<>();
  private final String message;
  private boolean isCancelled;

  public Cancellation() {
    this("the build was cancelled");
  }

  /** @param message of what fails because of it */
  public Cancellation(String message) {
    this.message = message;
  }

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

  /** @throws TallymanException CONFLICT if it was cancelled */
  @Override
  public synchronized void check() {
    if (isCancelled) {
      throw new TallymanException(ErrorKind.CONFLICT, message);
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
