package dev.tallyman.image;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImageResourceTest {
  private static final String PATH = "/api/v1/images";
  private static final String TAR = "application/x-tar";

  @Inject TestAccounts accounts;

  private String token;
  private String name;

  @BeforeEach
  void start() {
    token = accounts.token(Role.MEMBER);
    name = "i" + UUID.randomUUID().toString().substring(0, 8);
  }

  @Test
  void importsListsInspectsTagsAndRemoves() {
    String id =
        upload(Archives.gzip(Archives.layer(name))).queryParam("reference", name + ":1").queryParam("change", "CMD [\"sh\"]", "LABEL a=b").post(PATH + "/import").then()
            .statusCode(201).header("Location", containsString("sha256:")).body("tags", equalTo(List.of(name + ":1"))).body("config.cmd", hasItem("sh")).extract().path("id");

    with().get(PATH).then().statusCode(200).body("id", hasItem(id));
    with().queryParam("reference", name).queryParam("label", "a=b").queryParam("dangling", false).get(PATH).then().statusCode(200).body("$", hasSize(1));
    with().queryParam("name", id.substring(7, 25)).get(PATH + "/one").then().statusCode(200).body("id", equalTo(id)).body("config.labels.a", equalTo("b"));
    with().queryParam("name", name + ":1").get(PATH + "/history").then().statusCode(200).body("[0].comment", equalTo("Imported from -"));
    json("{\"name\":\"" + name + ":1\",\"repository\":\"localhost:5000/a/" + name + "\"}").post(PATH + "/tags").then().statusCode(201).body("tags", hasSize(2));
    with().queryParam("name", "localhost:5000/a/" + name).delete(PATH).then().statusCode(200).body("[0].untagged", endsWith(name + ":latest"));
    with().queryParam("name", name + ":1").delete(PATH).then().statusCode(200).body("deleted", hasItem(id));
    with().queryParam("name", id).get(PATH + "/one").then().statusCode(404).contentType("application/problem+json").body("detail", equalTo("No such image: " + id));
  }

  @Test
  void savesAndLoads() {
    byte[] layer = Archives.layer(name);
    byte[] archive = Archives.tar(Archives.legacy(name + ":1", Archives.config(layer), layer));
    String id =
        upload(archive).post(PATH + "/load").then().statusCode(200).body("messages", hasItem("Loaded image: " + name + ":1")).extract().path("images[0].id");

    byte[] saved = with().queryParam("name", name).get(PATH + "/save").then().statusCode(200).contentType(TAR).extract().asByteArray();
    with().queryParam("name", id).queryParam("force", true).delete(PATH).then().statusCode(200);
    upload(saved).post(PATH + "/load").then().statusCode(200).body("images[0].id", equalTo(id));
  }

  @Test
  void prunes() {
    byte[] layer = Archives.layer(name);
    String id = upload(Archives.tar(Archives.legacy(null, Archives.config(layer), layer))).post(PATH + "/load").then().statusCode(200).extract().path("images[0].id");

    json("{}").post(PATH + "/prune").then().statusCode(200).body("removals.deleted", hasItem(id));
  }

  @Test
  void refusesBadInputWithoutEffect() {
    upload(new byte[0]).post(PATH + "/import").then().statusCode(400).body("detail", containsString("empty"));
    upload("no tar".repeat(200).getBytes(StandardCharsets.UTF_8)).queryParam("reference", name).post(PATH + "/import").then().statusCode(400);
    upload(Archives.layer(name)).queryParam("reference", "Bad Name").post(PATH + "/import").then().statusCode(400).body("detail", containsString("invalid reference format"));
    upload(Archives.layer(name)).queryParam("reference", name).queryParam("change", "RUN x").post(PATH + "/import").then().statusCode(400).body("detail", containsString("RUN is not a valid change command"));
    upload(Archives.layer(name)).post(PATH + "/load").then().statusCode(400).contentType("application/problem+json");
    with().queryParam("name", name).get(PATH + "/one").then().statusCode(404);
    with().get(PATH + "/one").then().statusCode(400);
    with().queryParam("name", name).get(PATH + "/save").then().statusCode(404).contentType("application/problem+json");
    with().get(PATH + "/save").then().statusCode(400);
    with().queryParam("before", "yesterday").get(PATH).then().statusCode(400);
    with().queryParam("reference", "[").get(PATH).then().statusCode(400);
    json("{\"name\":\"x\"}").post(PATH + "/tags").then().statusCode(400);
    json("{\"name\":\"" + name + "\",\"repository\":\"x\"}").post(PATH + "/tags").then().statusCode(404);
  }

  @Test
  void letsViewersChangeNothing() {
    token = accounts.token(Role.VIEWER);

    upload(Archives.layer(name)).queryParam("reference", name).post(PATH + "/import").then().statusCode(403);
    upload(Archives.layer(name)).post(PATH + "/load").then().statusCode(403);
    json("{}").post(PATH + "/prune").then().statusCode(403);
    with().get(PATH).then().statusCode(200);
    given().get(PATH).then().statusCode(401);
  }

  private RequestSpecification upload(byte[] archive) {
    return with().config(RestAssuredConfig.config().encoderConfig(EncoderConfig.encoderConfig().encodeContentTypeAs(TAR, ContentType.BINARY))).contentType(TAR).body(archive);
  }

  private RequestSpecification json(String body) {
    return with().contentType(ContentType.JSON).body(body);
  }

  private RequestSpecification with() {
    return given().header("X-Tallyman-Token", token);
  }
}
