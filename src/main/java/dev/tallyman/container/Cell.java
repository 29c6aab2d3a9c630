package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A living container of the inventory: what is stored of it and what goes on with it now. Changed under its lock only; read at any time. */
final class Cell {
  final String id;
  final long team;
  final ReentrantLock lock = new ReentrantLock();
  final List<Waiting> waiting = new ArrayList<>();
  final List<EarlyAttachment> attachments = new ArrayList<>();
  /** Its present run; absent when no process of it lives. */
  volatile @Nullable Run run;
  /** The present run is being ended on purpose: no policy starts it again. */
  volatile boolean isStopRequested;
  /** Who wanted it to end; absent when nobody did, and after a restart of the server in between. */
  @Nullable Caller endedBy;
  /** It ends only to be started again at once: it is not removed in between. */
  boolean isRestarting;
  @Nullable Future<?> pendingRestart;
  int restartPauses;
  /** Ends the present run when its maximum run time is over. */
  @Nullable Future<?> deadline;

  private volatile Facts facts;
  private volatile @Nullable Health health;
  private volatile Container shown;

  /**
   * @param recorded completes when the end was recorded and the kernel side is cleaned up
   * @param over then also when a container that is to be removed at its end is
   */
  record Run(int pid, Instant startedAt, CompletableFuture<Void> recorded, CompletableFuture<Void> over) {
    static Run of(int pid, Instant startedAt) {
      return new Run(pid, startedAt, new CompletableFuture<>(), new CompletableFuture<>());
    }
  }

  record Waiting(Containers.WaitCondition condition, CompletableFuture<Containers.WaitResult> result) {}

  record EarlyAttachment(boolean wantsInput, boolean wantsOutput, CompletableFuture<dev.tallyman.kernel.MonitorConnection> connection) {}

  Cell(Facts facts) {
    this.id = facts.id();
    this.team = facts.team();
    this.facts = facts;
    this.shown = facts.shown(null);
  }

  Facts facts() {
    return facts;
  }

  Container shown() {
    return shown;
  }

  ContainerState state() {
    return facts.state();
  }

  /** Shows a change, after it was committed. */
  void set(Facts changed) {
    facts = changed;
    shown = changed.shown(health);
  }

  /** Under the lock: what it has in the kernel stays until this is over. @throws dev.tallyman.error.TallymanException NOT_FOUND if it was removed since it was found */
  void requirePresent() {
    if (state() == ContainerState.REMOVING || state() == ContainerState.REMOVED) {
      throw Refusal.absent(id);
    }
  }

  @Nullable Health health() {
    return health;
  }

  void set(@Nullable Health changed) {
    health = changed;
    shown = facts.shown(changed);
  }

  <T> T locked(Supplier<T> change) {
    lock.lock();
    try {
      return change.get();
    } finally {
      lock.unlock();
    }
  }

  void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  void cancelPendingRestart() {
    Future<?> pending = pendingRestart;
    pendingRestart = null;
    if (pending != null) {
      pending.cancel(false);
    }
  }
}
