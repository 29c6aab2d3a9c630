package dev.tallyman.distribution;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.KernelConfig;
import dev.tallyman.secret.KeyFile;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Use cases of stored log-ins. Every statement is about the caller's account: there is no way to name another one. */
@ApplicationScoped
class StoredLoginService implements StoredLogins {
  private static final int LONGEST_USER = 255;
  /** Tokens of cloud registries are a few thousand characters, keys of service accounts, too. */
  private static final int MOST_PASSWORD_BYTES = 16 << 10;

  private final Registries registries;
  private final StoredLoginStore store;
  private final AuditTrail audit;
  private final KeyFile keys;

  /** They are counted and added one after the other. */
  private final ReentrantLock changes = new ReentrantLock();

  @Inject
  StoredLoginService(Registries registries, StoredLoginStore store, AuditTrail audit, KernelConfig config) {
    this.registries = registries;
    this.store = store;
    this.audit = audit;
    this.keys = KeyFile.named(config, "logins.key", "log-in");
  }

  private static <T> T inTransaction(Supplier<T> work) {
    return QuarkusTransaction.requiringNew().call(work::get);
  }

  /** Only lower case: the system of names knows no other, and one registry shall not have two. */
  private static String registry(String typed) {
    return Endpoints.domain(typed).toLowerCase(Locale.ROOT);
  }

  /** Neither another account's row nor another registry's or user's opens as this one, whoever changed the database. */
  private static String identity(long account, String registry, String user) {
    return account + " " + registry + " " + user;
  }

  private <T> T audited(Caller caller, String action, String registry, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      audit.failed(caller, action, registry, e);
      throw e;
    }
  }

  @Override
  public List<StoredLogin> list(Caller caller) {
    return inTransaction(() -> store.of(caller.account()));
  }

  @Override
  public StoredLogin store(Caller caller, String typed, String user, String password) {
    String registry = registry(typed);
    return audited(
        caller, "registry.login-store", registry,
        () -> {
          String attempted = "store a log-in to " + registry;
          caller.require(Role.MEMBER, attempted);
          requireGood(attempted, user, password);
          requireRoom(caller, registry, attempted);
          registries.checkLogin(registry, new Login(user, password, ""));
          return locked(
              () -> {
                requireRoom(caller, registry, attempted);
                return put(caller, registry, user, password);
              });
        });
  }

  private StoredLogin put(Caller caller, String registry, String user, String password) {
    StoredLogin login = new StoredLogin(registry, user, Instant.now().truncatedTo(ChronoUnit.MICROS));
    byte[] plain = password.getBytes(StandardCharsets.UTF_8);
    byte[] sealed = keys.sealing(inTransaction(store::isEmpty)).seal(identity(caller.account(), registry, user), plain);
    Arrays.fill(plain, (byte) 0);
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              store.put(caller.account(), new StoredLoginStore.Row(login, sealed));
              audit.done(caller, "registry.login-store", registry, "as " + user);
            });
    return login;
  }

  private <T> T locked(Supplier<T> work) {
    changes.lock();
    try {
      return work.get();
    } finally {
      changes.unlock();
    }
  }

  /** No message has a part of a password. A colon would move a part of the user into the password (RFC 7617). */
  private static void requireGood(String attempted, String user, String password) {
    if (user.isBlank() || user.length() > LONGEST_USER || hasControls(user) || user.indexOf(':') >= 0) {
      throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": the user has 1 to " + LONGEST_USER + " characters, no colon and no control character");
    }
    if (password.isEmpty() || password.length() > MOST_PASSWORD_BYTES || password.getBytes(StandardCharsets.UTF_8).length > MOST_PASSWORD_BYTES || hasControls(password)) {
      throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": the password has 1 to " + MOST_PASSWORD_BYTES + " bytes and no control character");
    }
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }

  private void requireRoom(Caller caller, String registry, String attempted) {
    List<StoredLogin> own = list(caller);
    if (own.size() >= MOST && own.stream().noneMatch(each -> each.registry().equals(registry))) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot " + attempted + ": an account stores at most " + MOST + " log-ins; remove some");
    }
  }

  @Override
  public StoredLogin check(Caller caller, String typed) {
    String registry = registry(typed);
    return audited(
        caller, "registry.login", registry,
        () -> {
          caller.require(Role.MEMBER, "log in to a registry");
          StoredLoginStore.Row row = inTransaction(() -> store.find(caller.account(), registry)).orElseThrow(() -> none("test", registry));
          registries.checkLogin(registry, open(caller, row));
          audit.done(caller, "registry.login", registry, "as " + row.login().user() + ", stored");
          return row.login();
        });
  }

  @Override
  public void remove(Caller caller, String typed) {
    String registry = registry(typed);
    audited(
        caller, "registry.login-remove", registry,
        () ->
            inTransaction(
                () -> {
                  if (!store.remove(caller.account(), registry)) {
                    throw none("remove", registry);
                  }
                  audit.done(caller, "registry.login-remove", registry, "");
                  return registry;
                }));
  }

  private static TallymanException none(String action, String registry) {
    return new TallymanException(ErrorKind.NOT_FOUND, "cannot " + action + " the log-in to " + registry + ": you have stored none");
  }

  /**
   * What the request brought, or else what its account has stored for the registry of a name. Nothing of that for programs in a container of the account, which others
   * of its team may enter.
   */
  Login orStored(Caller caller, String domain, Login given) {
    if (!given.isNobody() || caller.origin().container() != null) {
      return given;
    }
    Optional<StoredLoginStore.Row> row = inTransaction(() -> store.find(caller.account(), domain.toLowerCase(Locale.ROOT)));
    return row.map(known -> open(caller, known)).orElse(given);
  }

  private Login open(Caller caller, StoredLoginStore.Row row) {
    StoredLogin login = row.login();
    byte[] plain = keys.sealing(false).open(identity(caller.account(), login.registry(), login.user()), row.sealed());
    try {
      return Login.stored(login.user(), new String(plain, StandardCharsets.UTF_8));
    } finally {
      Arrays.fill(plain, (byte) 0);
    }
  }
}
