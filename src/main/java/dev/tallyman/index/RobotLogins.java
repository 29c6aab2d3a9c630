package dev.tallyman.index;

import dev.tallyman.account.ProgramSecrets;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.index.RobotStore.Row;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Names and secrets of robots to visitors. */
@ApplicationScoped
class RobotLogins {
  private final RobotStore store;
  private final ProgramSecrets secrets;
  private final RefusedLogins refusals;

  @Inject
  RobotLogins(RobotStore store, ProgramSecrets secrets, RefusedLogins refusals) {
    this.store = store;
    this.secrets = secrets;
    this.refusals = refusals;
  }

  /** True for a name that only a robot can have. */
  static boolean isRobot(String name) {
    return name.indexOf('+') >= 0;
  }

  /** @throws dev.tallyman.error.TallymanException UNAUTHENTICATED, in the trail; only who has the right secret hears more than that; EXHAUSTED after wrong ones */
  Visitor login(String name, String secret, Origin origin) {
    int plus = name.lastIndexOf('+');
    Optional<Row> found = store.find(name.substring(0, plus), name.substring(plus + 1));
    Caller caller = found.map(each -> each.caller(origin)).orElseGet(() -> new Caller(0, name, Role.VIEWER, -1, "", Way.INDEX, null, origin));
    secrets.check(caller, found.map(Row::secretHash).orElse(null), secret);
    Row robot = found.orElseThrow();
    Instant now = Instant.now();
    String fault = fault(robot, now);
    if (fault != null) {
      IndexException refused = new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "cannot log in as " + name + ": " + fault);
      refusals.record(caller, "", refused);
      throw refused;
    }
    store.used(robot, now);
    return Visitor.robot(caller, new Visitor.Pass(robot.rights(), robot.expiresAt()));
  }

  private static @Nullable String fault(Row robot, Instant now) {
    if (robot.isDisabled()) {
      return "the robot is disabled; an administrator can enable it";
    }
    return robot.isOver(now) ? "its secret ended at " + robot.expiresAt() + "; an administrator can renew it" : null;
  }
}
