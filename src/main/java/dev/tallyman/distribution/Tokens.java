package dev.tallyman.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;

/** Gets bearer tokens where a registry says (distribution specification, token authentication). */
@Singleton
class Tokens {
  private static final int LARGEST_ANSWER = 1 << 20;
  private static final int MOST_TOKEN_CHARS = 64 * 1024;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Outbound outbound;

  @Inject
  Tokens(Outbound outbound) {
    this.outbound = outbound;
  }

  /**
   * @param scope e.g. {@code repository:library/busybox:pull}; empty for a mere log-in
   * @return the token
   * @throws TallymanException DENIED when the credentials are not good for it
   */
  String fetch(Endpoint registry, Challenge challenge, String scope, Login login) throws IOException {
    URI realm = realm(registry, challenge);
    boolean mayHaveLogin = mayHaveLogin(registry, challenge, login);
    boolean isRefresh = mayHaveLogin && !login.identityToken().isEmpty();
    HttpUriRequestBase request = isRefresh ? refresh(realm, challenge, scope, login) : plain(realm, challenge, scope);
    if (mayHaveLogin && !isRefresh) {
      request.setHeader("Authorization", login.basic());
    }
    try (ClassicHttpResponse answer = outbound.send(registry, realm, request)) {
      byte[] body = Bodies.read(answer, LARGEST_ANSWER);
      if (answer.getCode() != 200) {
        throw refusal(registry, answer.getCode(), body, mayHaveLogin);
      }
      return token(registry, body);
    }
  }

  private static TallymanException refusal(Endpoint registry, int status, byte[] body, boolean hadLogin) {
    String unparsed = "error parsing HTTP " + status + " response body: the token server of " + registry.authority() + " did not tell errors in JSON";
    return switch (status) {
      case 401 -> new TallymanException(ErrorKind.DENIED, Bodies.reason(status, body, hadLogin ? "unauthorized: incorrect username or password" : "unauthorized: authentication required"));
      case 403 -> new TallymanException(ErrorKind.DENIED, Bodies.reason(status, body, unparsed));
      case 429 -> new TallymanException(ErrorKind.EXHAUSTED, Bodies.reason(status, body, unparsed));
      default -> new UnreachableException("the token server of " + registry.authority() + " answered with status " + status);
    };
  }

  /** Whether the log-in goes to where the registry says. */
  static boolean mayHaveLogin(Endpoint registry, Challenge challenge, Login login) {
    return !login.isNobody() && !registry.isMirror() && belongsTo(registry, realm(registry, challenge));
  }

  private static URI realm(Endpoint registry, Challenge challenge) {
    try {
      URI realm = URI.create(challenge.get("realm"));
      if (realm.isAbsolute() && realm.getHost() != null) {
        return realm;
      }
    } catch (IllegalArgumentException e) {
      // Told below: the text may be anything.
    }
    throw new UnreachableException("the registry " + registry.authority() + " asks for a token but does not say where to get one");
  }

  /**
   * Credentials go to the registry itself and to hosts of the same owner: below the domain that the registry's own name is below
   * (registry-1.docker.io and auth.docker.io). Anywhere else a token is asked for as nobody.
   */
  static boolean belongsTo(Endpoint registry, URI realm) {
    if (registry.isAt(realm)) {
      return true;
    }
    String own = registry.resolve("/").getHost();
    int dot = own.indexOf('.');
    boolean isName = !own.matches("[0-9.]+|.*:.*");
    String parent = dot < 0 || !isName ? "" : own.substring(dot + 1);
    boolean isEncrypted = "https".equals(realm.getScheme());
    return isEncrypted && (realm.getHost().equalsIgnoreCase(own) || parent.indexOf('.') > 0 && realm.getHost().endsWith("." + parent));
  }

  private static HttpUriRequestBase plain(URI realm, Challenge challenge, String scope) {
    StringBuilder query = new StringBuilder(realm.getRawQuery() == null ? "" : realm.getRawQuery() + "&");
    query.append("service=").append(encoded(challenge.get("service")));
    if (!scope.isEmpty()) {
      query.append("&scope=").append(encoded(scope));
    }
    return new HttpGet(URI.create(realm.getScheme() + "://" + realm.getRawAuthority() + (realm.getRawPath() == null ? "" : realm.getRawPath()) + "?" + query));
  }

  private static HttpUriRequestBase refresh(URI realm, Challenge challenge, String scope, Login login) {
    HttpPost request = new HttpPost(realm);
    String form =
        "grant_type=refresh_token&client_id=tallyman&service=" + encoded(challenge.get("service")) + "&scope=" + encoded(scope) + "&refresh_token=" + encoded(login.identityToken());
    request.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
    return request;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static String token(Endpoint registry, byte[] body) throws IOException {
    JsonNode json = JSON.readTree(body);
    String token = json.path("token").asText(json.path("access_token").asText(""));
    if (token.isEmpty() || token.length() > MOST_TOKEN_CHARS || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
      throw new UnreachableException("authorization server did not include a token in the response: the one of " + registry.authority());
    }
    return token;
  }
}
