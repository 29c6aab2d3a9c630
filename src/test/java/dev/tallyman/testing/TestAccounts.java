package dev.tallyman.testing;

import dev.tallyman.account.Accounts;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Sql;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Callers and credentials for tests that boot the server. */
@ApplicationScoped
public class TestAccounts {
  public static final String PASSWORD = "a good long password";

  private static final long OTHER_TEAM = 7_201;

  @Inject Accounts accounts;
  @Inject DataSource database;

  private @Nullable String adminToken;

  public Accounts accounts() {
    return accounts;
  }

  /** The first administrator, as root on the unix socket is. */
  public Caller admin() {
    return accounts.byPeer(Origin.ofPeer(0, 1)).orElseThrow();
  }

  /** A new account of the given role with {@link #PASSWORD}. */
  public Caller caller(Role role) {
    String name = "t" + UUID.randomUUID().toString().substring(0, 12);
    Accounts.Account made = accounts.create(admin(), name, PASSWORD, role);
    return new Caller(made.id(), name, role, admin().team(), admin().teamName(), Way.REST, null, Origin.ofAddress("127.0.0.1"));
  }

  /** A new account of the given role in the team neighbours. */
  public Caller stranger(Role role) {
    Caller made = caller(role);
    Sql sql = new Sql(database);
    sql.update("merge into teams (id, name) values (?, 'neighbours')", OTHER_TEAM);
    sql.update("update accounts set team_id = ? where id = ?", OTHER_TEAM, made.account());
    return new Caller(made.account(), made.accountName(), role, OTHER_TEAM, "neighbours", Way.REST, null, made.origin());
  }

  /** Secret of a token of the first administrator, for {@code Authorization: Bearer} or {@code X-Tallyman-Token}. One for all: an account has a limit. */
  public synchronized String adminToken() {
    if (adminToken == null) {
      adminToken = tokenOf(admin());
    }
    return adminToken;
  }

  public String token(Role role) {
    return tokenOf(caller(role));
  }

  public String tokenOf(Caller caller) {
    return accounts.createToken(caller, "t" + UUID.randomUUID().toString().substring(0, 12), null).secret();
  }

  /** Value of the cookie {@code tallyman_session} for a new account of the role. */
  public String session(Role role) {
    return sessionOf(caller(role));
  }

  public String sessionOf(Caller caller) {
    return accounts.login(caller.accountName(), PASSWORD, Way.BROWSER, caller.origin()).id();
  }
}
