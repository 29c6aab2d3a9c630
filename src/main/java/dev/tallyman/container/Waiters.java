package dev.tallyman.container;

import dev.tallyman.container.Cell.Waiting;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.container.Containers.WaitResult;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Those who wait for the end of containers. */
@Singleton
class Waiters {
  private final WaitingThreads threads;

  @Inject
  Waiters(WaitingThreads threads) {
    this.threads = threads;
  }

  CompletableFuture<WaitResult> wait(Cell cell, WaitCondition condition) {
    return cell.locked(
        () -> {
          if (isMet(cell, condition)) {
            return CompletableFuture.completedFuture(result(cell));
          }
          Waiting waiting = new Waiting(condition, new CompletableFuture<>());
          cell.waiting.add(waiting);
          // A client that goes away cancels.
          waiting.result().whenComplete((result, failure) -> {
            if (failure != null) {
              cell.locked(() -> cell.waiting.remove(waiting));
            }
          });
          return waiting.result();
        });
  }

  private static boolean isMet(Cell cell, WaitCondition condition) {
    ContainerState state = cell.state();
    return switch (condition) {
      case NOT_RUNNING -> !state.isAlive() && state != ContainerState.RESTARTING;
      case NEXT_EXIT -> state == ContainerState.REMOVED;
      case REMOVED -> state == ContainerState.REMOVED;
    };
  }

  /** Under the cell's lock; the futures complete on threads of their own, since nobody knows what hangs on them. */
  void tell(Cell cell, Set<WaitCondition> met) {
    List<Waiting> told = cell.waiting.stream().filter(each -> met.contains(each.condition())).toList();
    cell.waiting.removeAll(told);
    WaitResult result = result(cell);
    told.forEach(each -> each.result().completeAsync(() -> result, threads));
  }

  private static WaitResult result(Cell cell) {
    return new WaitResult(cell.facts().status().exitCode(), null);
  }
}
