package dev.tallyman.index;

import dev.tallyman.account.Accounts;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.web.Doors;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Establishes the visitor of a request: Basic with an account's password or token or with a robot's secret, a token as Bearer, or a token of the Index. */
@ApplicationScoped
class Visitors {
  private static final int MAX_CREDENTIALS = 16_384;
  private final Accounts accounts;
  private final IndexTokens tokens;
  private final RobotLogins robots;
  private final RefusedLogins refusals;

  @Inject
  Visitors(Accounts accounts, IndexTokens tokens, RobotLogins robots, RefusedLogins refusals) {
    this.accounts = accounts;
    this.tokens = tokens;
    this.robots = robots;
    this.refusals = refusals;
  }

  /** @throws dev.tallyman.error.TallymanException UNAUTHENTICATED for credentials that are not accepted; none at all are an anonymous visitor */
  Visitor of(HttpServerRequest request) {
    long since = System.nanoTime();
    return find(request).since(since);
  }

  private Visitor find(HttpServerRequest request) {
    Origin origin = Doors.originOf(request);
    String header = request.getHeader("Authorization");
    if (header == null || header.isBlank()) {
      Optional<Caller> peer = origin.uid() == null ? Optional.empty() : accounts.byPeer(origin);
      return peer.map(Visitors::known).orElseGet(() -> anonymous(origin));
    }
    String[] parts = header.strip().split(" +", 2);
    String value = parts.length < 2 || parts[1].length() > MAX_CREDENTIALS ? "" : parts[1];
    return switch (parts[0].toLowerCase(Locale.ROOT)) {
      case "basic" -> basic(value, origin);
      case "bearer" -> value.startsWith(IndexTokens.PREFIX) ? tokens.read(value, origin) : known(byToken(value, origin));
      default -> throw refused();
    };
  }

  private Visitor basic(String value, Origin origin) {
    String pair;
    try {
      pair = new String(Base64.getDecoder().decode(value), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refused();
    }
    int colon = pair.indexOf(':');
    if (colon < 0) {
      throw refused();
    }
    String name = pair.substring(0, colon);
    String secret = pair.substring(colon + 1);
    if (RobotLogins.isRobot(name)) {
      return robots.login(name, secret, origin);
    }
    Optional<Caller> byToken = accounts.byToken(secret, Way.INDEX, origin).filter(caller -> caller.accountName().equals(name));
    // An unknown token is tried as a password: that is slowed down and recorded.
    return known(byToken.orElseGet(() -> accounts.authenticate(name, secret, Way.INDEX, origin)));
  }

  private Caller byToken(String secret, Origin origin) {
    return accounts.byToken(secret, Way.INDEX, origin).orElseThrow(() -> {
      IndexException refused = refused();
      refusals.record(anonymous(origin).caller(), "", refused);
      return refused;
    });
  }

  private static Visitor known(Caller caller) {
    return Visitor.known(new Caller(caller.account(), caller.accountName(), caller.role(), caller.team(), caller.teamName(), Way.INDEX, caller.token(), caller.origin()));
  }

  /** In no team, so that only what is public can be seen. */
  private static Visitor anonymous(Origin origin) {
    return Visitor.anonymous(new Caller(0, "anonymous", Role.VIEWER, -1, "", Way.INDEX, null, origin));
  }

  private static IndexException refused() {
    return new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "the credentials are not accepted: give an account's name with its password or one of its tokens");
  }
}
