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
 */
record Visitor(Caller caller, boolean isAnonymous, @Nullable Map<String, Set<String>> scopes, @Nullable Pass robot) {
  /** @param until end of the robot's secret; absent = none */
  record Pass(RobotRights rights, @Nullable Instant until) {}

  /** Somebody with an account's own credentials. */
  static Visitor known(Caller caller) {
    return new Visitor(caller, false, null, null);
  }

  static Visitor anonymous(Caller name) {
    return new Visitor(name, true, null, null);
  }

  static Visitor robot(Caller caller, Pass pass) {
    return new Visitor(caller, false, null, pass);
  }

  boolean isLimitedFrom(String repository, String action) {
    return scopes != null && !scopes.getOrDefault(repository, Set.of()).contains(action);
  }

  boolean isRobotWithout(String repository, String action) {
    return robot != null && !robot.rights().allow(repository, action);
  }
}
