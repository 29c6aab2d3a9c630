package dev.tallyman.index;

import dev.tallyman.account.ProgramSecrets;
import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.index.RobotStore.Row;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Robots as their team sees and administrators set them. A robot outlives the account that made it, so members make none. */
@ApplicationScoped
class RobotService implements Robots {
  /** Begins each secret: not that of tokens, which open more doors. */
  static final String PREFIX = "tlr_";

  private static final int MAX_PER_TEAM = 100;

  /** What the trail and the names of pushers have room for. */
  private static final int MAX_LOGIN = 64;

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,31}");

  private final RobotStore store;
  private final IndexStore index;
  private final ProgramSecrets secrets;
  private final IndexTokens tokens;
  private final RobotLife life;
  private final AuditTrail audit;

  @Inject
  RobotService(RobotStore store, IndexStore index, ProgramSecrets secrets, IndexTokens tokens, IndexConfig config, AuditTrail audit) {
    this.store = store;
    this.index = index;
    this.secrets = secrets;
    this.tokens = tokens;
    this.life = new RobotLife(config.robotMaxDays());
    this.audit = audit;
  }

  @Override
  public int maxDays() {
    return life.maxDays();
  }

  @Override
  public List<Robot> list(Caller caller) {
    Instant now = Instant.now();
    return store.list(caller.role() == Role.ADMINISTRATOR ? null : Long.valueOf(caller.team())).stream().map(each -> each.shown(now)).toList();
  }

  @Override
  public Robot one(Caller caller, String team, String name) {
    return store.find(team, name).filter(each -> caller.sees(each.team())).orElseThrow(() -> absent("see", team, name)).shown(Instant.now());
  }

  @Override
  public NewSecret create(Caller caller, Wanted wanted) {
    String login = Row.login(wanted.team(), wanted.name());
    String attempted = "make robot " + login;
    return work(
        caller, "robot.create", login, attempted,
        () -> {
          long team = index.team(wanted.team()).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "cannot " + attempted + ": there is no such team"));
          if (!NAME.matcher(wanted.name()).matches() || login.length() > MAX_LOGIN) {
            throw invalid(attempted, "its name is 1 to 32 characters of a-z, 0-9, '.', '_', '-', begins with a letter or digit, and has at most " + MAX_LOGIN + " with that of the team");
          }
          RobotRights rights = RobotRights.of(wanted.team(), wanted.rights());
          String description = Description.require(wanted.description());
          Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
          @Nullable Instant end = life.end(wanted.days(), now);
          if (store.find(wanted.team(), wanted.name()).isPresent()) {
            throw new TallymanException(ErrorKind.ALREADY_EXISTS, "cannot " + attempted + ": the team has a robot of that name; remove it or choose another name");
          }
          if (store.count(team) >= MAX_PER_TEAM) {
            throw new TallymanException(ErrorKind.EXHAUSTED, "cannot " + attempted + ": a team has at most " + MAX_PER_TEAM + " robots; remove some");
          }
          ProgramSecrets.Made made = secrets.make(PREFIX);
          store.add(caller, team, wanted.name(), description, made.hash(), rights, now, end);
          audit.done(caller, "robot.create", login, until(end) + "; " + rights);
          return new NewSecret(login, made.secret(), end);
        });
  }

  @Override
  public Robot change(Caller caller, String team, String name, Changes changes) {
    String login = Row.login(team, name);
    String attempted = "change robot " + login;
    Row changed =
        work(
            caller, "robot.update", login, attempted,
            () -> {
              Row row = store.find(team, name).orElseThrow(() -> absent("change", team, name));
              if (changes.description() != null) {
                store.describe(row.id(), Description.require(changes.description()));
                audit.done(caller, "robot.update", login, "description");
              }
              if (changes.rights() != null) {
                RobotRights rights = RobotRights.of(team, changes.rights());
                store.allow(row.id(), rights);
                audit.done(caller, "robot.update", login, rights.toString());
              }
              if (changes.isDisabled() != null) {
                store.disable(row.id(), changes.isDisabled());
                audit.done(caller, "robot.update", login, changes.isDisabled() ? "disabled" : "enabled");
              }
              return store.find(team, name).orElseThrow(() -> absent("change", team, name));
            });
    tokens.revoke(changed.id());
    return changed.shown(Instant.now());
  }

  private record Renewed(long robot, NewSecret secret) {}

  @Override
  public NewSecret renew(Caller caller, String team, String name, int days) {
    String login = Row.login(team, name);
    Renewed renewed =
        work(
            caller, "robot.renew", login, "renew the secret of robot " + login,
            () -> {
              Row row = store.find(team, name).orElseThrow(() -> absent("renew the secret of", team, name));
              @Nullable Instant end = life.end(days, Instant.now().truncatedTo(ChronoUnit.MICROS));
              ProgramSecrets.Made made = secrets.make(PREFIX);
              store.renew(row.id(), made.hash(), end);
              audit.done(caller, "robot.renew", login, until(end));
              return new Renewed(row.id(), new NewSecret(login, made.secret(), end));
            });
    tokens.revoke(renewed.robot());
    return renewed.secret();
  }

  @Override
  public void remove(Caller caller, String team, String name) {
    String login = Row.login(team, name);
    long removed =
        work(
            caller, "robot.remove", login, "remove robot " + login,
            () -> {
              Row row = store.find(team, name).orElseThrow(() -> absent("remove", team, name));
              store.remove(row.id());
              audit.done(caller, "robot.remove", login, "");
              return row.id();
            });
    tokens.revoke(removed);
  }

  /** One transaction for administrators; what fails is in the trail. */
  private <T> T work(Caller caller, String action, String login, String attempted, Supplier<T> change) {
    try {
      caller.require(Role.ADMINISTRATOR, attempted);
      return QuarkusTransaction.requiringNew().call(change::get);
    } catch (RuntimeException e) {
      RuntimeException known = Objects.requireNonNullElse(Failures.known(e), e);
      audit.failed(caller, action, login, known);
      throw known;
    }
  }

  private static String until(@Nullable Instant end) {
    return end == null ? "without an end" : "until " + end;
  }

  private static TallymanException absent(String attempted, String team, String name) {
    return new TallymanException(ErrorKind.NOT_FOUND, "cannot " + attempted + " robot " + Row.login(team, name) + ": there is no such robot");
  }

  private static TallymanException invalid(String attempted, String why) {
    return new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": " + why);
  }
}
