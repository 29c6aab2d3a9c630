package dev.tallyman.index;

import dev.tallyman.account.Accounts;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Short-lived tokens that say who somebody is and what for. Signed with a key that lives as long as the server; those of an account or robot end when
 * any of its credentials or rights are revoked or changed.
 */
@ApplicationScoped
class IndexTokens {
  static final String PREFIX = "tli_";
  private static final String MAC = "HmacSHA256";

  private final byte[] key = new byte[32];
  private final IndexConfig config;
  private final Map<Long, Long> revokedAt = new ConcurrentHashMap<>();

  @Inject
  IndexTokens(IndexConfig config, Accounts accounts) {
    this.config = config;
    new SecureRandom().nextBytes(key);
    accounts.onRevoked(this::revoke);
  }

  /** Ends all tokens of an account or a robot. */
  void revoke(long id) {
    revokedAt.put(id, System.nanoTime());
  }

  /** True unless the robot's rights or secret were changed, or ended, since it came in. */
  boolean isStillGood(Visitor robot) {
    Long revoked = revokedAt.get(robot.caller().account());
    Visitor.Pass pass = robot.robot();
    boolean isOver = pass != null && pass.until() != null && !pass.until().isAfter(Instant.now());
    return !isOver && (revoked == null || revoked - robot.since() < 0);
  }

  long lifetimeSeconds() {
    return config.tokenLifetime().toSeconds();
  }

  String issue(Visitor visitor, Map<String, Set<String>> scopes) {
    Caller caller = visitor.caller();
    JsonObject granted = new JsonObject();
    scopes.forEach((name, actions) -> granted.put(name, new JsonArray(actions.stream().sorted().toList())));
    JsonObject claims =
        new JsonObject().put("account", caller.account()).put("name", caller.accountName()).put("role", caller.role().name()).put("team", caller.team()).put("teamName", caller.teamName())
            .put("token", caller.token()).put("anonymous", visitor.isAnonymous()).put("at", visitor.since()).put("scopes", granted).put("robot", robot(visitor));
    String body = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.encode().getBytes(StandardCharsets.UTF_8));
    return PREFIX + body + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(sign(body));
  }

  private static @Nullable JsonObject robot(Visitor visitor) {
    Visitor.Pass pass = visitor.robot();
    return pass == null ? null : new JsonObject().put("rights", pass.rights().stored()).put("until", pass.until() == null ? null : pass.until().toEpochMilli());
  }

  private static Visitor.@Nullable Pass pass(@Nullable JsonObject robot, String team) {
    if (robot == null) {
      return null;
    }
    Long until = robot.getLong("until");
    if (until != null && until <= System.currentTimeMillis()) {
      throw refused();
    }
    return new Visitor.Pass(RobotRights.parse(team, robot.getString("rights")), until == null ? null : Instant.ofEpochMilli(until));
  }

  /** @throws IndexException UNAUTHORIZED for a token that is forged, over or revoked */
  Visitor read(String token, Origin origin) {
    int dot = token.indexOf('.');
    if (!token.startsWith(PREFIX) || dot < 0) {
      throw refused();
    }
    try {
      String body = token.substring(PREFIX.length(), dot);
      if (!MessageDigest.isEqual(sign(body), Base64.getUrlDecoder().decode(token.substring(dot + 1)))) {
        throw refused();
      }
      return visitor(new JsonObject(new String(Base64.getUrlDecoder().decode(body), StandardCharsets.UTF_8)), origin);
    } catch (IllegalArgumentException e) {
      throw refused();
    }
  }

  private Visitor visitor(JsonObject claims, Origin origin) {
    long at = claims.getLong("at");
    long account = claims.getLong("account");
    Long revoked = revokedAt.get(account);
    if (System.nanoTime() - at > config.tokenLifetime().toNanos() || (revoked != null && revoked - at >= 0)) {
      throw refused();
    }
    Map<String, Set<String>> scopes = new HashMap<>();
    JsonObject granted = claims.getJsonObject("scopes");
    for (String name : granted.fieldNames()) {
      Set<String> actions = new HashSet<>();
      granted.getJsonArray(name).forEach(each -> actions.add(String.valueOf(each)));
      scopes.put(name, actions);
    }
    Caller caller =
        new Caller(account, claims.getString("name"), Role.valueOf(claims.getString("role")), claims.getLong("team"), claims.getString("teamName"), Way.INDEX, claims.getString("token"), origin);
    return new Visitor(caller, claims.getBoolean("anonymous"), scopes, pass(claims.getJsonObject("robot"), caller.teamName()), System.nanoTime());
  }

  private byte[] sign(String body) {
    try {
      Mac mac = Mac.getInstance(MAC);
      mac.init(new SecretKeySpec(key, MAC));
      return mac.doFinal(body.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  private static IndexException refused() {
    return new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "the registry token is unknown or over: log in again");
  }
}
