package dev.tallyman.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Credentials for one registry, as the docker client sends them with each request, or as the caller's account has stored them. They are used for that one request.
 *
 * @param identityToken a refresh token in the place of a password; empty = none
 * @param isStored the account's own, see {@link StoredLogins}
 */
public record Login(String user, String password, String identityToken, boolean isStored) {
  private static final int LONGEST = 64 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Login NOBODY = new Login("", "", "");

  public Login(String user, String password, String identityToken) {
    this(user, password, identityToken, false);
  }

  static Login stored(String user, String password) {
    return new Login(user, password, "", true);
  }

  public static Login nobody() {
    return NOBODY;
  }

  /**
   * @param header base64 of {@code {"username","password","identitytoken","auth"}}; nobody if it is absent, empty or, as clients send all kinds of text to a
   *     registry that wants no log-in and dockerd passes them over, something else
   */
  public static Login ofHeader(@Nullable String header) {
    return oneOf(decoded(header));
  }

  /**
   * Credentials by domain. docker-java writes the field {@code auth} twice; as in Go the later one counts.
   *
   * @param header base64 of an object with one of those for each registry; what is none is passed over, as above
   */
  public static Map<String, Login> ofConfigHeader(@Nullable String header) {
    Map<String, Login> logins = new HashMap<>();
    decoded(header).properties().forEach(each -> {
      String domain = each.getKey().replaceFirst("^https?://", "").replaceFirst("/.*$", "");
      logins.put(domain.equals("index.docker.io") ? "docker.io" : domain, oneOf(each.getValue())); // a historic name
    });
    return logins;
  }

  private static JsonNode decoded(@Nullable String header) {
    if (header == null || header.isBlank() || header.length() > LONGEST) {
      return MissingNode.getInstance();
    }
    try {
      // Clients differ in the alphabet and in the padding.
      return JSON.readTree(Base64.getDecoder().decode(header.strip().replace('-', '+').replace('_', '/').replace("=", "")));
    } catch (IllegalArgumentException | IOException e) {
      return MissingNode.getInstance();
    }
  }

  private static Login oneOf(JsonNode node) {
    try {
      return of(node);
    } catch (IllegalArgumentException | TallymanException e) {
      return NOBODY;
    }
  }

  /** Of the body of the Engine API's {@code /auth}. */
  public static Login ofBody(String json) {
    try {
      return of(JSON.readTree(json));
    } catch (JsonProcessingException e) {
      throw invalid();
    }
  }

  private static Login of(@Nullable JsonNode node) {
    if (node == null || !node.isObject()) {
      throw invalid();
    }
    String user = node.path("username").asText("");
    String password = node.path("password").asText("");
    String auth = node.path("auth").asText("");
    if (user.isEmpty() && !auth.isEmpty()) {
      String decoded = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      user = colon < 0 ? decoded : decoded.substring(0, colon);
      password = colon < 0 ? "" : decoded.substring(colon + 1);
    }
    return user.isEmpty() && node.path("identitytoken").asText("").isEmpty() ? NOBODY : new Login(user, password, node.path("identitytoken").asText(""));
  }

  boolean isNobody() {
    return user.isEmpty() && identityToken.isEmpty();
  }

  String basic() {
    return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
  }

  private static TallymanException invalid() {
    return new TallymanException(ErrorKind.INVALID, "invalid log-in: it must be a JSON object with username and password");
  }

  /** Never the secrets: records end up in messages. */
  @Override
  public String toString() {
    return isNobody() ? "nobody" : "login of " + user;
  }
}
