package dev.tallyman.web;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Walks the whole API description, so that no later operation can forget to ask who is there. */
@QuarkusTest
class EveryOperationTest {
  private static final String LOGIN = "post /api/v1/session";

  /** What a viewer may change: the own password, session and tokens. */
  private static final Set<String> OWN = Set.of(LOGIN, "delete /api/v1/session", "put /api/v1/me/password", "post /api/v1/tokens", "delete /api/v1/tokens/{id}");

  /** Operations whose body is an archive. */
  private static final Set<String> ARCHIVES = Set.of("/api/v1/images/import", "/api/v1/images/load");

  @Inject TestAccounts accounts;

  @Test
  void refusesStrangers() {
    Map<String, Integer> wrong = new TreeMap<>();
    for (String operation : operations()) {
      int status = call(given(), operation).statusCode();
      if (status != 401 && !operation.equals(LOGIN)) {
        wrong.put(operation, status);
      }
    }

    assertEquals(Map.of(), wrong);
  }

  @Test
  void letsViewersChangeNothing() {
    String viewer = accounts.token(Role.VIEWER);
    Map<String, Integer> wrong = new TreeMap<>();
    for (String operation : operations()) {
      int status = operation.startsWith("get ") || OWN.contains(operation) ? 400 : call(given().header("X-Tallyman-Token", viewer), operation).statusCode();
      if (status < 400 || status >= 500) {
        wrong.put(operation, status);
      }
    }

    assertEquals(Map.of(), wrong);
  }

  @Test
  void describesEveryOperation() {
    assertTrue(operations().size() >= 14, () -> "only " + operations());
  }

  private static List<String> operations() {
    Map<String, Map<String, Object>> paths = given().accept(ContentType.JSON).get("/q/openapi?format=json").path("paths");
    List<String> found = new ArrayList<>();
    paths.forEach((path, methods) -> methods.keySet().stream().filter(method -> path.startsWith("/api/") && !method.equals("parameters")).forEach(method -> found.add(method + " " + path)));
    return found;
  }

  private static Response call(RequestSpecification request, String operation) {
    String method = operation.substring(0, operation.indexOf(' ')).toUpperCase(Locale.ROOT);
    String path = operation.substring(operation.indexOf(' ') + 1).replaceAll("\\{[^}]*}", "absent");
    if (method.equals("GET") || method.equals("DELETE")) {
      return request.request(method, path);
    }
    return ARCHIVES.contains(path) ? request.contentType("application/x-tar").body(new byte[1024]).request(method, path) : request.contentType(ContentType.JSON).body("{}").request(method, path);
  }
}
