package dev.tallyman.account;

import dev.tallyman.account.Accounts.NewToken;
import dev.tallyman.account.Accounts.Token;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tokens act as their account: one can never do more than the account that made it. */
@ApplicationScoped
class Tokens {
  private static final int MAX_PER_ACCOUNT = 100;

  private final AccountRepository accounts;
  private final TokenRepository tokens;
  private final AuditedWork work;

  @Inject
  Tokens(AccountRepository accounts, TokenRepository tokens, AuditedWork work) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.work = work;
  }

  NewToken create(Caller caller, String name, @Nullable Instant expiresAt) {
    return work.run(caller, "token.create", name, expiresAt == null ? "" : "expires " + expiresAt, () -> insert(caller, name, expiresAt));
  }

  List<Token> list(Caller caller) {
    return QuarkusTransaction.requiringNew().call(() -> tokens.of(caller.account()).stream().map(TokenEntity::shown).toList());
  }

  /** @return the account whose token it was */
  long revoke(Caller caller, long id) {
    // The trail shall name the token, but only to those who may know of it.
    String name = QuarkusTransaction.requiringNew().call(() -> find(caller, id).map(token -> token.name)).orElse("");
    return work.run(caller, "token.revoke", name.isEmpty() ? Long.toString(id) : name, "id " + id, () -> delete(caller, id));
  }

  private NewToken insert(Caller caller, String name, @Nullable Instant expiresAt) {
    String attempted = "create token " + name;
    if (caller.token() != null) {
      throw new TallymanException(ErrorKind.DENIED, "cannot " + attempted + ": a token makes no tokens; log in with a password or use the unix socket");
    }
    Names.require(attempted, "token", name);
    AccountEntity account = accounts.findById(caller.account());
    if (account == null) {
      throw new TallymanException(ErrorKind.DENIED, "cannot " + attempted + ": only accounts have tokens");
    }
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    if (expiresAt != null && !expiresAt.isAfter(now)) {
      throw new TallymanException(ErrorKind.INVALID, "cannot " + attempted + ": its end " + expiresAt + " is in the past");
    }
    if (tokens.isNameTaken(caller.account(), name)) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "cannot " + attempted + ": you have a token of that name; revoke it or choose another name");
    }
    if (tokens.count("account.id = ?1", caller.account()) >= MAX_PER_ACCOUNT) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot " + attempted + ": an account has at most " + MAX_PER_ACCOUNT + " tokens; revoke some");
    }
    String secret = Secrets.TOKEN_PREFIX + Secrets.random();
    TokenEntity token = new TokenEntity();
    token.account = account;
    token.name = name;
    token.secretHash = Secrets.hash(secret);
    token.createdAt = now;
    token.expiresAt = expiresAt == null ? null : expiresAt.truncatedTo(ChronoUnit.MICROS);
    tokens.persist(token);
    return new NewToken(token.id == null ? 0 : token.id, name, secret);
  }

  private long delete(Caller caller, long id) {
    TokenEntity token =
        find(caller, id).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "cannot revoke token " + id + ": there is no such token"));
    long owner = token.account.id();
    tokens.delete(token);
    return owner;
  }

  private Optional<TokenEntity> find(Caller caller, long id) {
    return tokens.findByIdOptional(id).filter(token -> token.account.id() == caller.account() || caller.role() == Role.ADMINISTRATOR);
  }
}
