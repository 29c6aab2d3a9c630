package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs stages side by side as soon as those are done that they need, the first written first. When one fails, no other begins and the rest is
 * told to stop; the failure is the answer after all have ended.
 */
final class StageRuns<R> {
  private final StagePlan plan;
  private final int most;
  private final Executor threads;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<Integer> begun = new HashSet<>();
  private final Map<Integer, Optional<R>> results = new HashMap<>();
  private int running;
  private @Nullable Throwable failure;

  /** What becomes of a stage. */
  interface Work<R> {
    /** @return absent when nothing was made */
    @Nullable R run(Stage stage);
  }

  /** @param most stages at the same time, at least 1 */
  StageRuns(StagePlan plan, int most, Executor threads) {
    this.plan = plan;
    this.most = most;
    this.threads = threads;
  }

  /** @param onFailure told at once of the first stage that fails, from its thread; it makes the others end. What failed is thrown again */
  void run(Work<R> work, Consumer<Stage> onFailure) {
    List<Stage> stages = plan.stages();
    if (stages.size() == 1) {
      running = 1;
      perform(stages.get(0), work, onFailure);
    } else {
      for (Stage next = next(); next != null; next = next()) {
        begin(next, work, onFailure);
      }
    }
    Throwable failed = failure;
    if (failed instanceof RuntimeException known) {
      throw known;
    }
    if (failed instanceof Error error) {
      throw error;
    }
  }

  private void begin(Stage stage, Work<R> work, Consumer<Stage> onFailure) {
    try {
      threads.execute(() -> perform(stage, work, onFailure));
    } catch (RejectedExecutionException e) {
      perform(stage, same -> {
        throw new TallymanException(ErrorKind.UNAVAILABLE, "cannot build: the server is shutting down", e);
      }, onFailure);
    }
  }

  /** The next that can begin, as soon as one can; it counts as running. Absent = all have ended. */
  private @Nullable Stage next() {
    lock.lock();
    try {
      while (true) {
        for (Stage stage : plan.stages()) {
          if (failure == null && running < most && results.keySet().containsAll(plan.needs(stage)) && begun.add(stage.index())) {
            running++;
            return stage;
          }
        }
        if (running == 0) {
          return null;
        }
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void perform(Stage stage, Work<R> work, Consumer<Stage> onFailure) {
    Optional<R> made = Optional.empty();
    Throwable failed = null;
    try {
      made = Optional.ofNullable(work.run(stage));
    } catch (RuntimeException | Error e) {
      failed = e; // thrown again by whoever waits for all
    }
    boolean isFirst = false;
    lock.lock();
    try {
      if (failed == null) {
        results.put(stage.index(), made);
      } else if (failure == null) {
        failure = failed;
        isFirst = true;
      }
    } finally {
      lock.unlock();
    }
    try {
      if (isFirst) {
        onFailure.accept(stage);
      }
    } finally {
      ended();
    }
  }

  private void ended() {
    lock.lock();
    try {
      running--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What a stage made, as soon as it has ended; a lower one never waits for a higher one. Null = it is not built, or failed. */
  @Nullable Optional<R> result(Stage stage) {
    lock.lock();
    try {
      while (plan.stages().contains(stage) && failure == null && !results.containsKey(stage.index())) {
        changed.awaitUninterruptibly();
      }
      return results.get(stage.index());
    } finally {
      lock.unlock();
    }
  }
}
