package dev.tallyman.identity;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.jspecify.annotations.Nullable;

/**
 * Who is asking: the first parameter of every service method, the same on every way in.
 *
 * @param account id of the account; 0 for the server itself
 * @param team the team in which names are looked up and which owns what the caller makes
 * @param token name of the token used, absent for sessions and peer credentials
 */
public record Caller(
    long account, String accountName, Role role, long team, String teamName, Way way, @Nullable String token, Origin origin) {

  /** The server acting by itself in a team, e.g. a restart policy. */
  public static Caller system(long team, String teamName) {
    return new Caller(0, "system", Role.ADMINISTRATOR, team, teamName, Way.SYSTEM, null, Origin.none());
  }

  public Asker asker() {
    return new Asker(account, origin.container());
  }

  /**
   * The one authorisation check of services.
   *
   * @param attempted what was tried, e.g. {@code start container web}; begins the message
   * @throws TallymanException DENIED when the role is too low
   */
  public void require(Role needed, String attempted) {
    if (!role.includes(needed)) {
      throw new TallymanException(
          ErrorKind.DENIED,
          "cannot " + attempted + ": account " + accountName + " has the role " + role.name().toLowerCase(java.util.Locale.ROOT) + ", which lacks the right; ask an administrator");
    }
  }

  /** True if objects of the given team are visible to this caller. */
  public boolean sees(long owningTeam) {
    return role == Role.ADMINISTRATOR || owningTeam == team;
  }
}
