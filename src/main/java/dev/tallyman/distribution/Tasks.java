package dev.tallyman.distribution;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Several transfers at once: all or none. */
final class Tasks {
  private Tasks() {}

  /**
   * Waits for every task, also after a failure.
   *
   * @param atFailure runs once, when the first has failed, so that the others can be broken off
   * @param discard gets what came although another failed
   * @throws IOException the first failure, if it is one
   */
  static <T> List<T> await(List<FutureTask<T>> tasks, Runnable atFailure, java.util.function.Consumer<T> discard) throws IOException {
    List<T> results = new ArrayList<>();
    Throwable failure = null;
    for (FutureTask<T> task : tasks) {
      try {
        results.add(task.get());
      } catch (ExecutionException | InterruptedException e) {
        if (e instanceof InterruptedException) {
          Thread.currentThread().interrupt();
        }
        if (failure == null) {
          failure = e instanceof InterruptedException ? new IOException("interrupted while layers were under way", e) : e.getCause();
          atFailure.run();
        }
      }
    }
    if (failure == null) {
      return results;
    }
    results.forEach(discard);
    if (failure instanceof IOException io) {
      throw io;
    }
    throw failure instanceof RuntimeException known ? known : new IllegalStateException("a transfer failed", failure);
  }
}
