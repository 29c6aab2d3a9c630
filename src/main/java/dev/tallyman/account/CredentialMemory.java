package dev.tallyman.account;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Credentials with a memory: most requests are answered without the database. Any change of accounts empties it. */
@Singleton
class CredentialMemory {
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final int MAX_KEPT = 10_000;

  private final CredentialStore store;
  private final ConcurrentHashMap<String, Kept> memory = new ConcurrentHashMap<>();
  private final AtomicLong generation = new AtomicLong();

  @Inject
  CredentialMemory(CredentialStore store) {
    this.store = store;
  }

  private record Kept(Principal principal, Instant until) {}

  Optional<Principal> session(String secret) {
    String hash = Secrets.hash(secret);
    return remember("session " + hash, () -> store.session(hash));
  }

  Optional<Principal> token(String secret) {
    if (!secret.startsWith(Secrets.TOKEN_PREFIX)) {
      return Optional.empty();
    }
    String hash = Secrets.hash(secret);
    return remember("token " + hash, () -> store.token(hash));
  }

  Optional<Principal> peer(long uid) {
    return remember("peer " + uid, () -> store.peer(uid));
  }

  Optional<Principal> account(long id) {
    return remember("account " + id, () -> store.account(id));
  }

  @Nullable Principal knownAccount(long id) {
    return known("account " + id);
  }

  @Nullable Principal knownSession(String secret) {
    return known("session " + Secrets.hash(secret));
  }

  @Nullable Principal knownToken(String secret) {
    return known("token " + Secrets.hash(secret));
  }

  @Nullable Principal knownPeer(long uid) {
    return known("peer " + uid);
  }

  /** To be called after the commit of every change of accounts, sessions and tokens. */
  void forgetAll() {
    generation.incrementAndGet();
    memory.clear();
  }

  private @Nullable Principal known(String key) {
    Kept kept = memory.get(key);
    return kept != null && kept.until().isAfter(Instant.now()) ? kept.principal() : null;
  }

  private Optional<Principal> remember(String key, Supplier<Optional<Principal>> source) {
    Principal known = known(key);
    if (known != null) {
      return Optional.of(known);
    }
    long before = generation.get();
    Optional<Principal> found = source.get();
    if (found.isPresent()) {
      if (memory.size() >= MAX_KEPT) {
        memory.clear();
      }
      Instant until = Instant.now().plus(KEPT);
      memory.put(key, new Kept(found.get(), found.get().validUntil().isBefore(until) ? found.get().validUntil() : until));
      // Revoked while we were reading: what was read may be from before.
      if (generation.get() != before) {
        memory.remove(key);
      }
    }
    return found;
  }
}
