package dev.tallyman.account;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** Looks credentials up by their hashes. */
@ApplicationScoped
class CredentialStore {
  /** The last use of a token is known this exactly; each use would be a write otherwise. */
  private static final Duration USE_PRECISION = Duration.ofMinutes(10);

  private final AccountRepository accounts;
  private final SessionRepository sessions;
  private final TokenRepository tokens;

  @Inject
  CredentialStore(AccountRepository accounts, SessionRepository sessions, TokenRepository tokens) {
    this.accounts = accounts;
    this.sessions = sessions;
    this.tokens = tokens;
  }

  @Transactional
  Optional<Principal> session(String secretHash) {
    return sessions.valid(secretHash, Instant.now()).filter(found -> !found.account.isDisabled).map(found -> Principal.of(found.account, null, true, found.expiresAt));
  }

  @Transactional
  Optional<Principal> token(String secretHash) {
    Instant now = Instant.now();
    Optional<TokenEntity> found = tokens.bySecretHash(secretHash).filter(token -> !token.account.isDisabled && (token.expiresAt == null || token.expiresAt.isAfter(now)));
    found.filter(token -> token.lastUsedAt == null || token.lastUsedAt.plus(USE_PRECISION).isBefore(now)).ifPresent(token -> token.lastUsedAt = now);
    return found.map(token -> Principal.of(token.account, token.name, false, token.expiresAt == null ? Instant.MAX : token.expiresAt));
  }

  /** Somebody who is known already by what was done before. */
  @Transactional
  Optional<Principal> account(long id) {
    return accounts.findByIdOptional(id).filter(account -> !account.isDisabled).map(account -> Principal.of(account, null, false, Instant.MAX));
  }

  /** Root needs no mapping: it is {@code admin}, or the oldest administrator if that account is gone. */
  @Transactional
  Optional<Principal> peer(long uid) {
    Optional<AccountEntity> mapped = accounts.byPeerUid(uid);
    if (mapped.isEmpty() && uid == 0) {
      mapped = accounts.enabledAdministrators().stream().min(Comparator.comparing((AccountEntity account) -> !account.name.equals(FirstAccount.NAME)).thenComparing(AccountEntity::id));
    }
    return mapped.filter(account -> !account.isDisabled).map(account -> Principal.of(account, null, false, Instant.MAX));
  }
}
