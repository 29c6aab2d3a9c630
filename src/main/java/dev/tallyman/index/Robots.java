package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Robots of teams: they log in to the Index, and nowhere else, with rights on repositories of their own. Administrators make, change and remove them; their team sees them. */
public interface Robots {
  /** @param repository a repository of the team, there or to come, or {@code *} for all; @param actions pull, and with it push and delete */
  record Right(String repository, List<String> actions) {}

  /**
   * @param login the name it logs in with: TEAM+NAME
   * @param expiresAt end of the secret; absent = none
   * @param lastUsedAt last log-in, to ten minutes; absent = never
   */
  record Robot(
      String login, String team, String name, String description, List<Right> rights, boolean isDisabled, boolean isExpired, String createdBy, Instant createdAt,
      @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {}

  /** @param secret shown this once */
  record NewSecret(String login, String secret, @Nullable Instant expiresAt) {}

  /** @param days until the secret ends; 0 = never, if the administrator of the server allows it */
  record Wanted(String team, String name, String description, int days, List<Right> rights) {}

  /** What is to become of a robot; what is absent stays. */
  record Changes(@Nullable String description, @Nullable List<Right> rights, @Nullable Boolean isDisabled) {}

  /** Of all teams for administrators, of the caller's for others; by team and name. */
  List<Robot> list(Caller caller);

  /** NOT_FOUND alike for what is not there and what another team has. */
  Robot one(Caller caller, String team, String name);

  NewSecret create(Caller caller, Wanted wanted);

  /** Holds at once, also for pushes and pulls under way. */
  Robot change(Caller caller, String team, String name, Changes changes);

  /** The old secret ends at once. @param days as in {@link Wanted} */
  NewSecret renew(Caller caller, String team, String name, int days);

  void remove(Caller caller, String team, String name);

  /** The longest life of a secret in days; 0 = any, and secrets without an end, too. */
  int maxDays();
}
