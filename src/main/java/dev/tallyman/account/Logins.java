package dev.tallyman.account;

import dev.tallyman.account.Accounts.Session;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Passwords to sessions, and sessions to their end. */
@ApplicationScoped
class Logins {
  private final AccountRepository accounts;
  private final SessionRepository sessions;
  private final AccountConfig config;
  private final LoginBrake brake;
  private final AuditedWork work;

  @Inject
  Logins(AccountRepository accounts, SessionRepository sessions, AccountConfig config, LoginBrake brake, AuditedWork work) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.config = config;
    this.brake = brake;
    this.work = work;
  }

  private record Known(Principal principal, String passwordHash) {}

  Session login(String name, String password, Way way, Origin origin) {
    Optional<Known> known = find(name);
    Caller caller = known.map(found -> found.principal().caller(way, origin)).orElseGet(() -> stranger(name, way, origin));
    Known account = check(caller, known.orElse(null), password);
    return work.run(caller, "login", account.principal().name(), "", () -> begin(account));
  }

  /** A password without a session; for clients that present it with a request. */
  Caller authenticate(String name, String password, Way way, Origin origin) {
    Optional<Known> known = find(name);
    Caller caller = known.map(found -> found.principal().caller(way, origin)).orElseGet(() -> stranger(name, way, origin));
    if (check(caller, known.orElse(null), password).principal().mustChangePassword()) {
      throw new TallymanException(ErrorKind.DENIED, "cannot log in: this account has its first password; change it on the dashboard before anything else");
    }
    return caller;
  }

  private Optional<Known> find(String name) {
    return QuarkusTransaction.requiringNew()
        .call(() -> accounts.byName(name).filter(account -> !account.isDisabled).map(account -> new Known(Principal.of(account, null, true, Instant.MAX), account.passwordHash)));
  }

  /** Checks the password of a known caller again, with the same brake as a login. */
  void confirm(Caller caller, String attempted, String password) {
    String hash = QuarkusTransaction.requiringNew().call(() -> accounts.findByIdOptional(caller.account()).map(account -> account.passwordHash)).orElse("");
    brake.begin(caller.accountName(), caller.origin());
    if (hash.isEmpty() || !Passwords.matches(password, hash)) {
      throw new TallymanException(ErrorKind.UNAUTHENTICATED, "cannot " + attempted + ": the old password is wrong");
    }
    brake.succeeded(caller.accountName(), caller.origin());
  }

  void logout(Caller caller, String sessionId) {
    work.run(caller, "logout", caller.accountName(), "", () -> sessions.delete("secretHash = ?1 and account.id = ?2", Secrets.hash(sessionId), caller.account()));
  }

  private Known check(Caller caller, @Nullable Known known, String password) {
    String name = caller.accountName();
    brake.begin(name, caller.origin());
    if (known == null) {
      Passwords.pretendToCheck(password);
    }
    if (known == null || !Passwords.matches(password, known.passwordHash())) {
      TallymanException wrong = new TallymanException(ErrorKind.UNAUTHENTICATED, "cannot log in: the name or the password is wrong");
      work.failed(caller, "login", name, wrong);
      throw wrong;
    }
    brake.succeeded(name, caller.origin());
    return known;
  }

  private Session begin(Known known) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    sessions.removeExpired(now);
    AccountEntity account = accounts.findById(known.principal().account());
    if (account == null || account.isDisabled || !account.passwordHash.equals(known.passwordHash())) {
      throw new TallymanException(ErrorKind.UNAUTHENTICATED, "cannot log in: the account was just changed; try again");
    }
    String secret = Secrets.random();
    SessionEntity session = new SessionEntity();
    session.secretHash = Secrets.hash(secret);
    session.account = account;
    session.createdAt = now;
    session.expiresAt = now.plus(config.sessionLifetime());
    sessions.persist(session);
    return new Session(secret, session.expiresAt, account.mustChangePassword);
  }

  /** For the trail only: somebody who claims a name. */
  private static Caller stranger(String name, Way way, Origin origin) {
    return new Caller(0, name, Role.VIEWER, TeamEntity.DEFAULT, "default", way, null, origin);
  }
}
