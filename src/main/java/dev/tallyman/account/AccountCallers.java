package dev.tallyman.account;

import dev.tallyman.identity.Role;
import dev.tallyman.web.CallerSource;
import dev.tallyman.web.Resident;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Answers the HTTP edge's question who is asking. */
@Singleton
class AccountCallers implements CallerSource {
  private final CredentialMemory memory;
  private final Accounts accounts;

  @Inject
  AccountCallers(CredentialMemory memory, Accounts accounts) {
    this.memory = memory;
    this.accounts = accounts;
  }

  @Override
  public void onRevoked(LongConsumer accountIds) {
    accounts.onRevoked(accountIds);
  }

  @Override
  public @Nullable Resolved cached(CallerSource.Credentials presented) {
    Principal known;
    if (presented instanceof CallerSource.Credentials.Session session) {
      known = memory.knownSession(session.id());
    } else if (presented instanceof CallerSource.Credentials.Token token) {
      known = ofNamed(memory.knownToken(token.secret()), token.account());
    } else if (presented instanceof CallerSource.Credentials.Inside inside) {
      known = inside(memory.knownAccount(inside.resident().account()), inside.resident());
    } else {
      Long uid = presented.origin().uid();
      known = uid == null ? null : memory.knownPeer(uid);
    }
    return known == null ? null : resolved(known, presented);
  }

  @Override
  public Optional<Resolved> resolve(CallerSource.Credentials presented) {
    Optional<Principal> found;
    if (presented instanceof CallerSource.Credentials.Session session) {
      found = memory.session(session.id());
    } else if (presented instanceof CallerSource.Credentials.Token token) {
      found = memory.token(token.secret()).map(principal -> ofNamed(principal, token.account()));
    } else if (presented instanceof CallerSource.Credentials.Inside inside) {
      found = memory.account(inside.resident().account()).map(principal -> inside(principal, inside.resident()));
    } else {
      Long uid = presented.origin().uid();
      found = uid == null ? Optional.empty() : memory.peer(uid);
    }
    return found.map(principal -> resolved(principal, presented));
  }

  private static @Nullable Principal ofNamed(@Nullable Principal principal, @Nullable String account) {
    return principal == null || (account != null && !account.equals(principal.name())) ? null : principal;
  }

  /** Whoever gets into a container gets its socket: it is worth a member of the container's team, however much more the account may do itself. */
  private static @Nullable Principal inside(@Nullable Principal principal, Resident resident) {
    if (principal == null || (principal.team() != resident.team() && principal.role() != Role.ADMINISTRATOR)) {
      return null;
    }
    return principal.within(resident.team(), resident.teamName(), Role.MEMBER);
  }

  private static Resolved resolved(Principal principal, CallerSource.Credentials presented) {
    return new Resolved(principal.caller(presented.way(), presented.origin()), principal.mustChangePassword());
  }
}
