package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks to the Index.
 *
 * @param isAnonymous no credentials were presented; the caller is then a mere name for the trail
 * @param scopes actions by repository that a token of the Index was limited to; absent for other credentials
 * @param robot what a robot may do; absent for accounts, whose role and team decide
 * @param since when this server began to look at the credentials (System.nanoTime): what is revoked later was not seen yet
 */
record Visitor(Caller caller, boolean isAnonymous, @Nullable Map<String, Set<String>> scopes, @Nullable Pass robot, long since) {
  /** @param until end of the robot's secret; absent = none */
  record Pass(RobotRights rights, @Nullable Instant until) {}

  /** Somebody with an account's own credentials. */
  static Visitor known(Caller caller) {
    return new Visitor(caller, false, null, null, System.nanoTime());
  }

  static Visitor anonymous(Caller name) {
    return new Visitor(name, true, null, null, System.nanoTime());
  }

  static Visitor robot(Caller caller, Pass pass) {
    return new Visitor(caller, false, null, pass, System.nanoTime());
  }

  Visitor since(long nanos) {
    return new Visitor(caller, isAnonymous, scopes, robot, nanos);
  }

  boolean isLimitedFrom(String repository, String action) {
    return scopes != null && !scopes.getOrDefault(repository, Set.of()).contains(action);
  }

  boolean isRobotWithout(String repository, String action) {
    return robot != null && !robot.rights().allow(repository, action);
  }
}
