package dev.tallyman.account;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Use cases of accounts. One administrator who can log in always remains. */
@ApplicationScoped
class AccountService implements Accounts {
  /** In a change: takes the user id away. */
  private static final long NO_PEER = -1;

  private final AccountRepository accounts;
  private final SessionRepository sessions;
  private final TokenRepository tokenRows;
  private final Logins logins;
  private final Tokens tokens;
  private final CredentialMemory memory;
  private final AuditedWork work;
  private final CopyOnWriteArrayList<LongConsumer> revocations = new CopyOnWriteArrayList<>();

  @Inject
  AccountService(
      AccountRepository accounts, SessionRepository sessions, TokenRepository tokenRows, Logins logins, Tokens tokens, CredentialMemory memory, AuditedWork work) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tokenRows = tokenRows;
    this.logins = logins;
    this.tokens = tokens;
    this.memory = memory;
    this.work = work;
  }

  @Override
  public List<Account> list(Caller caller) {
    return read(
        () ->
            caller.role() == Role.ADMINISTRATOR
                ? accounts.listAll(Sort.by("name")).stream().map(AccountEntity::shown).toList()
                : accounts.findByIdOptional(caller.account()).stream().map(AccountEntity::shown).toList());
  }

  @Override
  public Account create(Caller caller, String name, String password, Role role) {
    String attempted = "create account " + name;
    // Hashing takes 0.1 s: not inside a transaction, and not for callers who may not do this.
    String hash = caller.role() == Role.ADMINISTRATOR && Passwords.isGood(name, password) ? Passwords.hash(password) : "";
    return work.run(
        caller,
        "account.create",
        name,
        "role " + lower(role),
        () -> {
          caller.require(Role.ADMINISTRATOR, attempted);
          Names.require(attempted, "account", name);
          Passwords.requireGood(attempted, name, password);
          if (name.equals("system") || accounts.byName(name).isPresent()) {
            throw new TallymanException(ErrorKind.ALREADY_EXISTS, "cannot " + attempted + ": the name is taken");
          }
          AccountEntity account = new AccountEntity();
          account.team = accounts.getEntityManager().find(TeamEntity.class, caller.team());
          account.name = name;
          account.passwordHash = hash;
          account.role = role;
          account.createdAt = Instant.now().truncatedTo(ChronoUnit.MICROS);
          accounts.persistAndFlush(account);
          return account.shown();
        });
  }

  @Override
  public Account update(
      Caller caller, String name, @Nullable Role role, @Nullable String password, @Nullable Boolean isDisabled, @Nullable Long peerUid) {
    String attempted = "change account " + name;
    String hash = password != null && caller.role() == Role.ADMINISTRATOR && Passwords.isGood(name, password) ? Passwords.hash(password) : null;
    Account changed =
        work.run(
            caller,
            "account.update",
            name,
            describe(role, password, isDisabled, peerUid),
            () -> {
              caller.require(Role.ADMINISTRATOR, attempted);
              AccountEntity account = find(attempted, name);
              if (password != null) {
                Passwords.requireGood(attempted, name, password);
              }
              if (hash != null) {
                account.passwordHash = hash;
                account.mustChangePassword = false;
              }
              account.role = role == null ? account.role : role;
              account.isDisabled = isDisabled == null ? account.isDisabled : isDisabled;
              setPeer(attempted, account, peerUid);
              accounts.flush();
              requireAdministrator(attempted);
              if (role != null || password != null || Boolean.TRUE.equals(isDisabled)) {
                sessions.endAllOf(account.id());
              }
              return account.shown();
            });
    tellRevoked(changed.id());
    return changed;
  }

  @Override
  public void remove(Caller caller, String name) {
    String attempted = "remove account " + name;
    long id =
        work.run(
            caller,
            "account.remove",
            name,
            "",
            () -> {
              caller.require(Role.ADMINISTRATOR, attempted);
              AccountEntity account = find(attempted, name);
              sessions.endAllOf(account.id());
              tokenRows.delete("account.id = ?1", account.id());
              accounts.delete(account);
              accounts.flush();
              requireAdministrator(attempted);
              return account.id();
            });
    tellRevoked(id);
  }

  @Override
  public void changePassword(Caller caller, String oldPassword, String newPassword) {
    String attempted = "change the password of " + caller.accountName();
    try {
      Passwords.requireGood(attempted, caller.accountName(), newPassword);
      if (oldPassword.equals(newPassword)) {
        throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": the new password is the old one");
      }
      logins.confirm(caller, attempted, oldPassword);
    } catch (TallymanException e) {
      work.failed(caller, "account.password", caller.accountName(), e);
      throw e;
    }
    String hash = Passwords.hash(newPassword);
    work.run(
        caller,
        "account.password",
        caller.accountName(),
        "",
        () -> {
          AccountEntity account = find(attempted, caller.accountName());
          account.passwordHash = hash;
          account.mustChangePassword = false;
          sessions.endAllOf(account.id());
          return account.id();
        });
    tellRevoked(caller.account());
  }

  @Override
  public Session login(String name, String password, Way way, Origin origin) {
    return logins.login(name, password, way, origin);
  }

  @Override
  public Caller authenticate(String name, String password, Way way, Origin origin) {
    return logins.authenticate(name, password, way, origin);
  }

  @Override
  public void logout(Caller caller, String sessionId) {
    logins.logout(caller, sessionId);
    tellRevoked(caller.account());
  }

  @Override
  public NewToken createToken(Caller caller, String name, @Nullable Instant expiresAt) {
    return tokens.create(caller, name, expiresAt);
  }

  @Override
  public List<Token> tokens(Caller caller) {
    return tokens.list(caller);
  }

  @Override
  public void revokeToken(Caller caller, long id) {
    tellRevoked(tokens.revoke(caller, id));
  }

  @Override
  public Optional<Caller> bySession(String sessionId, Way way, Origin origin) {
    return memory.session(sessionId).map(principal -> principal.caller(way, origin));
  }

  @Override
  public Optional<Caller> byToken(String secret, Way way, Origin origin) {
    return memory.token(secret).map(principal -> principal.caller(way, origin));
  }

  @Override
  public Optional<Caller> byPeer(Origin origin) {
    Long uid = origin.uid();
    return uid == null ? Optional.empty() : memory.peer(uid).map(principal -> principal.caller(Way.DOCKER, origin));
  }

  @Override
  public void onRevoked(LongConsumer accountIds) {
    revocations.add(accountIds);
  }

  private void tellRevoked(long account) {
    revocations.forEach(listener -> listener.accept(account));
  }

  private AccountEntity find(String attempted, String name) {
    return accounts.byName(name).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "cannot " + attempted + ": there is no such account"));
  }

  private void setPeer(String attempted, AccountEntity account, @Nullable Long peerUid) {
    if (peerUid == null) {
      return;
    }
    if (peerUid == NO_PEER) {
      account.peerUid = null;
      return;
    }
    if (peerUid < 0 || peerUid > 0xFFFF_FFFEL) {
      throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": " + peerUid + " is no user id");
    }
    accounts.byPeerUid(peerUid).filter(other -> other.id() != account.id()).ifPresent(other -> {
      throw new TallymanException(ErrorKind.CONFLICT, "cannot " + attempted + ": user id " + peerUid + " belongs to account " + other.name);
    });
    account.peerUid = peerUid;
  }

  private void requireAdministrator(String attempted) {
    if (accounts.enabledAdministrators().isEmpty()) {
      throw new TallymanException(ErrorKind.CONFLICT, "cannot " + attempted + ": it is the last administrator; make another one first");
    }
  }

  private static String describe(@Nullable Role role, @Nullable String password, @Nullable Boolean isDisabled, @Nullable Long peerUid) {
    List<String> parts = new ArrayList<>();
    if (role != null) {
      parts.add("role " + lower(role));
    }
    if (password != null) {
      parts.add("password");
    }
    if (isDisabled != null) {
      parts.add(isDisabled ? "disabled" : "enabled");
    }
    if (peerUid != null) {
      parts.add(peerUid == NO_PEER ? "no peer uid" : "peer uid " + peerUid);
    }
    return String.join(", ", parts);
  }

  private static String lower(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  private static <T> T read(Supplier<T> query) {
    return QuarkusTransaction.requiringNew().call(query::get);
  }
}
