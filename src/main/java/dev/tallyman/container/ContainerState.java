package dev.tallyman.container;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Where a container is in its life. Restart-pending, OOM-killed and the like are facts beside it, not states. */
public enum ContainerState {
  CREATED,
  RUNNING,
  PAUSED,
  /** Its process ended and its restart policy will start it again. */
  RESTARTING,
  EXITED,
  REMOVING,
  /** Gone; the record stays. */
  REMOVED;

  private static final Map<ContainerState, Set<ContainerState>> NEXT =
      Map.of(
          CREATED, EnumSet.of(RUNNING, EXITED, REMOVING),
          RUNNING, EnumSet.of(PAUSED, EXITED, RESTARTING),
          PAUSED, EnumSet.of(RUNNING, EXITED, RESTARTING),
          RESTARTING, EnumSet.of(RUNNING, EXITED, REMOVING),
          EXITED, EnumSet.of(RUNNING, REMOVING),
          REMOVING, EnumSet.of(REMOVED),
          REMOVED, EnumSet.noneOf(ContainerState.class));

  public boolean canBecome(ContainerState next) {
    return NEXT.get(this).contains(next);
  }

  /** Docker's word: created, running, paused, restarting, exited, removing. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** True while a process of it lives. */
  public boolean isAlive() {
    return this == RUNNING || this == PAUSED;
  }
}
