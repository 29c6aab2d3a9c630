package dev.tallyman.container;

import dev.tallyman.kernel.Sandboxes;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * What changes in a container's life. Each change gives a new one; a change that the state machine does not know is a fault of ours.
 *
 * @param pid host pid of its first process; 0 when none lives
 * @param exitCode of its last run; {@link #UNKNOWN_END} when nobody recorded it
 * @param isStoppedByUser policy {@code unless-stopped} obeys it
 */
record Status(
    ContainerState state, int pid, int exitCode, boolean isOomKilled, boolean isEndKnown, String error, int restartCount, boolean isStoppedByUser,
    @Nullable Instant startedAt, @Nullable Instant finishedAt, @Nullable Instant removedAt, String startedBy) {

  /** Exit code shown when the machine went down with a container, as Docker shows; {@link #isEndKnown} tells it from a true 255. */
  static final int UNKNOWN_END = 255;

  private static final int MAX_ERROR_CHARS = 3000;

  static Status created() {
    return new Status(ContainerState.CREATED, 0, 0, false, true, "", 0, false, null, null, null, "");
  }

  Status started(Sandboxes.Started run, String by, int restarts) {
    require(ContainerState.RUNNING);
    return new Status(ContainerState.RUNNING, run.pid(), 0, false, true, "", restarts, false, micros(run.startedAt()), finishedAt, null, by);
  }

  /** A run that was found alive after a crash of the server, possibly without its start being recorded. */
  Status adopted(Sandboxes.Started run, boolean isFrozen) {
    boolean isSame = state.isAlive() && pid == run.pid();
    return new Status(
        isFrozen ? ContainerState.PAUSED : ContainerState.RUNNING, run.pid(), 0, false, true, error, restartCount, isStoppedByUser,
        isSame && startedAt != null ? startedAt : micros(run.startedAt()), finishedAt, null, startedBy);
  }

  /** @param exitCode 126, 127 or 128 */
  Status notStarted(int exitCode, String why) {
    ContainerState next = state == ContainerState.RESTARTING ? ContainerState.EXITED : state;
    String text = why.length() > MAX_ERROR_CHARS ? why.substring(0, MAX_ERROR_CHARS) : why;
    return new Status(next, 0, exitCode, false, true, text, restartCount, isStoppedByUser, startedAt, finishedAt, null, startedBy);
  }

  Status ended(Sandboxes.@Nullable Exit exit, Instant now, boolean isRestarted) {
    ContainerState next = isRestarted ? ContainerState.RESTARTING : ContainerState.EXITED;
    require(next);
    return exit == null
        ? new Status(next, 0, UNKNOWN_END, false, false, error, restartCount, isStoppedByUser, startedAt, micros(now), null, startedBy)
        : new Status(next, 0, exit.code(), exit.isOomKilled(), true, error, restartCount, isStoppedByUser, startedAt, micros(exit.finishedAt()), null, startedBy);
  }

  Status with(ContainerState next) {
    require(next);
    return new Status(next, pid, exitCode, isOomKilled, isEndKnown, error, restartCount, isStoppedByUser, startedAt, finishedAt, removedAt, startedBy);
  }

  Status stoppedByUser() {
    return new Status(state, pid, exitCode, isOomKilled, isEndKnown, error, restartCount, true, startedAt, finishedAt, removedAt, startedBy);
  }

  /** @param reason why the server ends it by itself; told as the error of its end */
  Status because(String reason) {
    return new Status(state, pid, exitCode, isOomKilled, isEndKnown, reason, restartCount, isStoppedByUser, startedAt, finishedAt, removedAt, startedBy);
  }

  Status removed(Instant now) {
    return new Status(ContainerState.REMOVED, 0, exitCode, isOomKilled, isEndKnown, error, restartCount, isStoppedByUser, startedAt, finishedAt, micros(now), startedBy);
  }

  private void require(ContainerState next) {
    if (!state.canBecome(next)) {
      throw new IllegalStateException("a container cannot become " + next.word() + " from " + state.word());
    }
  }

  /** The database keeps microseconds; the same instant must be shown before and after a restart. */
  static Instant micros(Instant at) {
    return at.truncatedTo(ChronoUnit.MICROS);
  }
}
