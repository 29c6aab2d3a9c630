package dev.tallyman.distribution;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

/** Refusals over HTTP, as problems and in Docker's form. What goes well is in the system suite, with real registries. */
@QuarkusTest
class RegistryResourceTest {
  /** Nothing listens there. */
  private static final String CLOSED = "127.0.0.1:1/box";

  @Inject TestAccounts accounts;

  private ValidatableResponse post(String path, String json) {
    return given().header("Authorization", "Bearer " + accounts.token(Role.MEMBER)).contentType(ContentType.JSON).body(json).post("/api/v1/registry" + path).then();
  }

  @Test
  void saysWhatIsWrong() {
    for (String path : new String[] {"/pull", "/push", "/describe"}) {
      post(path, "{}").statusCode(400).contentType("application/problem+json").body("detail", containsString("name"));
      post(path, "{\"name\":\"UPPER\"}").statusCode(400).body("detail", containsString("must be lowercase"));
    }
    post("/pull", "{\"name\":\"" + CLOSED + "\"}").statusCode(503).body("detail", containsString("Get \"https://127.0.0.1:1/v2/\""));
    post("/describe", "{\"name\":\"" + CLOSED + "\"}").statusCode(503);
    post("/pull", "{\"name\":\"a\",\"platform\":\"no platform\"}").statusCode(400).body("detail", containsString("linux/amd64"));
    post("/push", "{\"name\":\"" + CLOSED + "\"}").statusCode(404).body("detail", equalTo("An image does not exist locally with the tag: " + CLOSED));
  }

  @Test
  void tellsWhatIsSet() {
    given().header("Authorization", "Bearer " + accounts.token(Role.VIEWER)).get("/api/v1/registry").then().statusCode(200).body("mirrors", hasSize(0)).body("insecure", hasSize(0));
  }

  @Test
  void dockersFormOfTheSame() {
    String token = accounts.token(Role.MEMBER);
    given().header("X-Tallyman-Token", token).queryParam("fromImage", CLOSED).queryParam("tag", "1").post("/images/create").then().statusCode(500).body("message", containsString("127.0.0.1:1"));
    given().header("X-Tallyman-Token", token).queryParam("tag", "1").post("/images/" + CLOSED + "/push").then().statusCode(200).body(containsString("does not exist locally"));
    given().header("X-Tallyman-Token", token).header("X-Registry-Auth", "!").queryParam("fromImage", CLOSED).queryParam("tag", "1").post("/images/create").then().statusCode(500).body("message", containsString("127.0.0.1:1"));
    given().header("X-Tallyman-Token", token).contentType(ContentType.JSON).body("{\"username\":\"a\",\"password\":\"b\",\"serveraddress\":\"127.0.0.1:1\"}").post("/auth").then().statusCode(500);
    given().header("X-Tallyman-Token", token).get("/distribution/" + CLOSED + "/json").then().statusCode(500);
  }
}
