package dev.tallyman.account;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Accounts, their credentials, sessions and tokens. */
public interface Accounts {
  List<Account> list(Caller caller);

  Account create(Caller caller, String name, String password, Role role);

  /** Null leaves a value as it is; peerUid -1 takes it away. Changing role, password or disabling ends all sessions of the account at once. */
  Account update(Caller caller, String name, @Nullable Role role, @Nullable String password, @Nullable Boolean isDisabled, @Nullable Long peerUid);

  void remove(Caller caller, String name);

  /** The caller's own password; the old one is checked. */
  void changePassword(Caller caller, String oldPassword, String newPassword);

  /** @return the secret session id for the cookie; UNAUTHENTICATED (wrong), EXHAUSTED (too many tries; says when to try again) */
  Session login(String name, String password, Way way, Origin origin);

  /** Checks a password for this one request; no session begins. Same failures and brake as {@link #login}; DENIED while the first password is not changed. */
  Caller authenticate(String name, String password, Way way, Origin origin);

  void logout(Caller caller, String sessionId);

  /** @return the token's secret, shown once */
  NewToken createToken(Caller caller, String name, @Nullable Instant expiresAt);

  List<Token> tokens(Caller caller);

  void revokeToken(Caller caller, long id);

  Optional<Caller> bySession(String sessionId, Way way, Origin origin);

  Optional<Caller> byToken(String secret, Way way, Origin origin);

  /** The account mapped to a user id on this host; root is {@code admin} unless mapped otherwise. */
  Optional<Caller> byPeer(Origin origin);

  /** Runs when credentials of an account are revoked or changed, so that its open streams can be cut. */
  void onRevoked(java.util.function.LongConsumer accountIds);

  /** @param peerUid host user id that is this account on the unix socket */
  record Account(long id, String name, Role role, String team, boolean isDisabled, boolean mustChangePassword, @Nullable Long peerUid, Instant createdAt) {}

  record Session(String id, Instant expiresAt, boolean mustChangePassword) {}

  record NewToken(long id, String name, String secret) {}

  record Token(long id, String name, Instant createdAt, @Nullable Instant expiresAt, @Nullable Instant lastUsedAt) {}
}
