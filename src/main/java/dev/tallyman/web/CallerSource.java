package dev.tallyman.web;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Way;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Turns credentials into a caller. Implemented where accounts live. */
public interface CallerSource {
  /** Answers from memory alone and never blocks; null when it does not know. */
  @Nullable Resolved cached(Credentials credentials);

  /** May block on the database. Absent for unknown, expired, revoked credentials and disabled accounts. */
  Optional<Resolved> resolve(Credentials credentials);

  /** Calls the listener with the account whose credentials were revoked or changed; what is open on them may have to be cut. */
  void onRevoked(LongConsumer accountIds);

  record Resolved(Caller caller, boolean mustChangePassword) {}

  /** What a request presented. */
  sealed interface Credentials {
    Way way();

    Origin origin();

    record Session(String id, Way way, Origin origin) implements Credentials {}

    /** @param account the name given beside it (HTTP basic), which must be the token's own */
    record Token(String secret, @Nullable String account, Way way, Origin origin) implements Credentials {}

    /** The process on the other end of the unix socket. */
    record Peer(Way way, Origin origin) implements Credentials {}

    /** A program of a container, on the container's own socket. */
    record Inside(Resident resident, Way way, Origin origin) implements Credentials {}
  }
}
