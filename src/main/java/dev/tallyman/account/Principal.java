package dev.tallyman.account;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Whom a credential stands for.
 *
 * @param validUntil end of the session or token; {@link Instant#MAX} for none
 */
record Principal(long account, String name, Role role, long team, String teamName, @Nullable String token, boolean mustChangePassword, Instant validUntil) {
  static Principal of(AccountEntity account, @Nullable String token, boolean isSession, Instant validUntil) {
    return new Principal(
        account.id(), account.name, account.role, account.team.id, account.team.name, token, isSession && account.mustChangePassword, validUntil);
  }

  /** The same account in a team, with at most these rights. */
  Principal within(long otherTeam, String otherTeamName, Role most) {
    return new Principal(account, name, role.includes(most) ? most : role, otherTeam, otherTeamName, token, mustChangePassword, validUntil);
  }

  Caller caller(Way way, Origin origin) {
    return new Caller(account, name, role, team, teamName, way, token, origin);
  }
}
