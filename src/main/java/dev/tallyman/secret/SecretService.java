package dev.tallyman.secret;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Use cases of secrets: rights, names, sealing, audit and events. */
@ApplicationScoped
class SecretService implements Secrets {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;

  private final SecretStore store;
  private final KeyFile keys;
  private final AuditTrail audit;
  private final Events events;
  private final Instance<Users> users;

  /** Secrets of containers that are being made. */
  private final Map<String, Set<String>> claims = new ConcurrentHashMap<>();

  /** Names are taken and secrets are found unused one after the other. */
  private final ReentrantLock changes = new ReentrantLock();

  @Inject
  SecretService(SecretStore store, KeyFile keys, AuditTrail audit, Events events, Instance<Users> users) {
    this.store = store;
    this.keys = keys;
    this.audit = audit;
    this.events = events;
    this.users = users;
  }

  private static <T> T inTransaction(Supplier<T> work) {
    return QuarkusTransaction.requiringNew().call(work::get);
  }

  private <T> T change(Caller caller, String action, String name, Supplier<T> work) {
    try {
      caller.require(Role.ADMINISTRATOR, action + " secret " + name);
      return locked(work);
    } catch (TallymanException e) {
      audit.failed(caller, "secret." + action, name, e);
      throw e;
    }
  }

  private <T> T locked(Supplier<T> work) {
    changes.lock();
    try {
      return work.get();
    } finally {
      changes.unlock();
    }
  }

  private static String newId() {
    byte[] id = new byte[ID_BYTES];
    RANDOM.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private SecretStore.Row sealed(Secret secret, byte[] value) {
    return new SecretStore.Row(secret, keys.sealing(inTransaction(store::isEmpty)).seal(identity(secret), value));
  }

  /** An older value of the same secret does not open either. */
  private static String identity(Secret secret) {
    return secret.id() + " " + secret.team() + " " + secret.version();
  }

  @Override
  public Secret create(Caller caller, String name, byte[] value, Map<String, String> labels) {
    return change(
        caller, "create", name,
        () -> {
          SecretRules.checkName(name);
          SecretRules.checkValue(name, value);
          SecretRules.checkLabels(labels);
          if (inTransaction(() -> store.find(caller.team(), name)).isPresent()) {
            throw new TallymanException(ErrorKind.ALREADY_EXISTS, "secret name " + name + " is already in use; remove that secret, give it a new value, or choose another name");
          }
          Secret made = new Secret(newId(), name, 1, value.length, labels, caller.team(), caller.accountName(), now(), now());
          SecretStore.Row row = sealed(made, value);
          commit(caller, made, "create", () -> store.add(row));
          return made;
        });
  }

  private void commit(Caller caller, Secret secret, String action, Runnable statement) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              statement.run();
              audit.done(caller, "secret." + action, secret.name(), action.equals("remove") ? "" : "version " + secret.version());
            });
    events.publish(
        new Event(caller, "secret", action.equals("rotate") ? "update" : action, secret.id(), secret.team(), Map.of("name", secret.name()), Instant.now()));
  }

  private SecretStore.Row find(Caller caller, String name) {
    return inTransaction(() -> store.find(caller.team(), name)).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "get " + name + ": no such secret"));
  }

  @Override
  public Secret inspect(Caller caller, String name) {
    return find(caller, name).secret();
  }

  @Override
  public List<Secret> list(Caller caller) {
    return inTransaction(() -> store.of(caller.team()));
  }

  @Override
  public Secret rotate(Caller caller, String name, byte[] value) {
    return change(
        caller, "rotate", name,
        () -> {
          SecretRules.checkValue(name, value);
          Secret old = find(caller, name).secret();
          Secret changed = new Secret(old.id(), old.name(), old.version() + 1, value.length, old.labels(), old.team(), old.creator(), old.createdAt(), now());
          SecretStore.Row row = sealed(changed, value);
          commit(caller, changed, "rotate", () -> store.update(row));
          return changed;
        });
  }

  @Override
  public void remove(Caller caller, String name) {
    change(
        caller, "remove", name,
        () -> {
          Secret secret = find(caller, name).secret();
          String holders = usersOf(secret).stream().map(each -> each.name().isEmpty() ? each.containerId() : each.name()).sorted().collect(Collectors.joining(", "));
          if (!holders.isEmpty()) {
            throw new TallymanException(ErrorKind.CONFLICT, "cannot remove secret " + name + ": secret is in use by " + holders + "; remove these containers first");
          }
          commit(caller, secret, "remove", () -> store.delete(secret.id()));
          return secret;
        });
  }

  private List<Users.User> usersOf(Secret secret) {
    List<Users.User> found = new ArrayList<>(users.stream().flatMap(each -> each.usersOfSecret(secret.id()).stream()).toList());
    claims.forEach(
        (container, claimed) -> {
          if (claimed.contains(secret.id()) && found.stream().noneMatch(each -> each.containerId().equals(container))) {
            found.add(new Users.User(container, "", false));
          }
        });
    return found;
  }

  @Override
  public List<Users.User> users(Caller caller, String name) {
    return usersOf(inspect(caller, name));
  }

  @Override
  public Secret use(Caller caller, String name, String container) {
    caller.require(Role.MEMBER, "use secret " + name);
    return locked(
        () -> {
          Secret secret = inspect(caller, name);
          claims.computeIfAbsent(container, absent -> ConcurrentHashMap.newKeySet()).add(secret.id());
          return secret;
        });
  }

  @Override
  public void release(String container) {
    claims.remove(container);
  }

  @Override
  public byte[] reveal(Caller caller, String id) {
    caller.require(Role.MEMBER, "use a secret");
    SecretStore.Row row =
        inTransaction(() -> store.byId(id))
            .filter(each -> each.secret().team() == caller.team())
            .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "get " + id + ": no such secret"));
    return keys.sealing(false).open(identity(row.secret()), row.sealed());
  }
}
