package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.sha256;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Repositories, tags and images by REST. */
@QuarkusTest
class RepositoryResourceTest {
  private static final String LAYER = "twelve bytes";

  @Inject TestAccounts accounts;
  @Inject DataSource database;

  private Caller member;
  private String token = "";
  private String repository = "";
  private String config = "";

  @BeforeEach
  void newRepository() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    repository = member.teamName() + "/shelf" + UUID.randomUUID().toString().substring(0, 8);
    config =
        "{\"os\":\"linux\",\"architecture\":\"arm\",\"variant\":\"v7\",\"author\":\"" + repository + "\",\"created\":\"2026-01-02T03:04:05Z\",\"config\":{\"Env\":[\"A=b\",7],\"Cmd\":[\"sh\"],\"Entrypoint\":null,"
            + "\"ExposedPorts\":{\"80/tcp\":{}},\"Labels\":{\"k\":\"v\",\"odd\":[1]}},\"history\":[{\"created_by\":\"COPY a b\"},{\"created_by\":\"CMD sh\",\"empty_layer\":true}]}";
  }

  @AfterEach
  void removeRepository() {
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private ValidatableResponse get(String path) {
    return as(token).get("/api/v1/repositories/" + path + (path.contains("?") ? "&" : "?") + "name=" + repository).then();
  }

  private String pushed(String tag) {
    return TestIndex.image(token, repository, tag, config, LAYER);
  }

  private int bytes() {
    return config.getBytes(StandardCharsets.UTF_8).length + LAYER.length();
  }

  @Test
  void tagsTellWhoPushedWhatAndWhenItWasPulled() {
    String digest = pushed("b");
    pushed("a");
    get("tags").statusCode(200).body("name", contains("a", "b")).body("[1].digest", equalTo(digest)).body("[1].sizeBytes", equalTo(bytes())).body("[1].platforms", contains("linux/arm/v7"))
        .body("[1].pushedBy", equalTo(member.accountName())).body("[1].pushedAt", notNullValue()).body("[1].lastPulledAt", nullValue());
    as(token).get("/v2/" + repository + "/manifests/b").then().statusCode(200);
    get("tags?last=a&limit=1").body("name", contains("b")).body("[0].lastPulledAt", notNullValue());
    get("tags?limit=1").body("name", contains("a")).body("[0].lastPulledAt", nullValue());
    for (String limit : new String[] {"0", "101", "x", "-1"}) {
      get("tags?limit=" + limit).statusCode(400);
    }
  }

  @Test
  void oneImageShowsConfigurationLayersAndHistory() {
    String digest = pushed("a");
    for (String reference : new String[] {"a", digest}) {
      get("image?reference=" + reference).statusCode(200).body("digest", equalTo(digest)).body("tags", contains("a")).body("config.platform", equalTo("linux/arm/v7")).body("config.env", contains("A=b"))
          .body("config.cmd", contains("sh")).body("config.entrypoint", hasSize(0)).body("config.exposedPorts", contains("80/tcp")).body("config.labels.k", equalTo("v"))
          .body("config.history.createdBy", contains("COPY a b", "CMD sh")).body("config.history[1].isEmptyLayer", equalTo(true)).body("layers.sizeBytes", contains(LAYER.length()))
          .body("layers[0].digest", equalTo(sha256(LAYER.getBytes(StandardCharsets.UTF_8)))).body("children", hasSize(0));
    }
    get("image?reference=absent").statusCode(404).body("detail", containsString("absent"));
    get("image?reference=sha256:1").statusCode(400);
    get("image").statusCode(400);
  }

  @Test
  void indexesShowTheirChildrenAndArtifactsNoConfiguration() {
    String child = pushed("a");
    TestIndex.index(token, repository, "all", child, ",\"platform\":{\"os\":\"linux\",\"architecture\":\"arm\"}");
    get("image?reference=all").body("children.digest", contains(child)).body("children[0].platform", equalTo("linux/arm")).body("children[0].isThere", equalTo(true)).body("config", nullValue())
        .body("sizeBytes", equalTo(bytes()));
    get("tags").body("find { it.name == 'all' }.platforms", contains("linux/arm"));
    TestIndex.index(token, repository, "sparse", sha256(new byte[] {1}), "");
    get("image?reference=sparse").body("children[0].isThere", equalTo(false)).body("sizeBytes", equalTo(0));
    TestIndex.image(token, repository, "note", "[\"no configuration\"]");
    get("image?reference=note").statusCode(200).body("config", nullValue());
    get("tags").body("find { it.name == 'note' }.platforms", hasSize(0));
  }

  @Test
  void whatIsAboutAnImageIsShownWithIt() {
    String digest = pushed("a");
    get("tags").body("[0].referrers", equalTo(0));
    String signature = TestIndex.referrer(token, repository, digest, "application/vnd.example.signature");
    get("tags").body("name", contains("a")).body("[0].referrers", equalTo(1));
    get("image?reference=a").body("referrers.digest", contains(signature)).body("referrers[0].artifactType", equalTo("application/vnd.example.signature"))
        .body("referrers[0].pushedBy", equalTo(member.accountName())).body("referrers[0].pushedAt", notNullValue());
    get("image?reference=" + signature).body("subject", equalTo(digest)).body("referrers", hasSize(0));
  }

  @Test
  void repositoriesHaveFiguresAndReadmes() {
    pushed("a");
    pushed("b");
    String readme = "# Shelf\\n\\twith <b>marks</b>";
    patch("\"readme\":\"" + readme + "\"").statusCode(200);
    get("one").statusCode(200).body("readme", equalTo("# Shelf\n\twith <b>marks</b>")).body("tags", equalTo(2)).body("manifests", equalTo(1)).body("createdBy", equalTo(member.accountName()))
        .body("isPublic", equalTo(false)).body("mayChange", equalTo(true));
    given().header("X-Tallyman-Token", accounts.token(Role.VIEWER)).get("/api/v1/repositories/one?name=" + repository).then().statusCode(200).body("mayChange", equalTo(false));
    patch("\"readme\":\"\\u202Eturned\"").statusCode(400);
    patch("\"readme\":\"\\u001b[31m\"").statusCode(400);
    patch("\"readme\":\"" + "x".repeat(65_537) + "\"").statusCode(400);
    patch("\"isPublic\":true,\"readme\":\"\\u0000\"").statusCode(400);
    get("one").body("isPublic", equalTo(false)).body("readme", containsString("Shelf"));
    audit().body("rows.action", hasItem("index.readme"));
  }

  private ValidatableResponse patch(String fields) {
    return as(token).contentType("application/json").body("{\"name\":\"" + repository + "\"," + fields + "}").patch("/api/v1/repositories").then();
  }

  private ValidatableResponse audit() {
    return as(accounts.adminToken()).get("/api/v1/audit?object=" + repository + "&limit=100").then().statusCode(200);
  }

  @Test
  void deletingTakesTagThenManifestThenRepository() {
    String digest = pushed("a");
    pushed("b");
    delete("/image", "&reference=a").statusCode(204);
    get("tags").body("name", contains("b"));
    delete("/image", "&reference=" + digest).statusCode(204);
    get("tags").body("name", hasSize(0));
    delete("/image", "&reference=b").statusCode(404);
    delete("", "").statusCode(204);
    get("one").statusCode(404);
    delete("", "").statusCode(404);
    as(token).get("/v2/" + repository + "/blobs/" + sha256(LAYER.getBytes(StandardCharsets.UTF_8))).then().statusCode(404);
    audit().body("rows.findAll { it.action == 'index.delete' }.detail", hasItems("repository", digest));
    pushed("a");
    get("one").body("tags", equalTo(1)).body("readme", equalTo(""));
  }

  private ValidatableResponse delete(String path, String more) {
    return as(token).delete("/api/v1/repositories" + path + "?name=" + repository + more).then();
  }

  @Test
  void blobsStayWhileAManifestHasThem() {
    String digest = pushed("a");
    String layer = sha256(LAYER.getBytes(StandardCharsets.UTF_8));
    String path = "/v2/" + repository + "/blobs/";
    as(token).delete(path + layer).then().statusCode(405).body("errors[0].code", equalTo("UNSUPPORTED")).body("errors[0].message", containsString(digest));
    audit().body("rows.find { it.action == 'index.delete' && it.outcome != 'done' }.object", equalTo(repository + "@" + layer));
    String unnamed = TestIndex.blob(token, repository, "unnamed in " + repository);
    as(token).delete(path + unnamed).then().statusCode(202);
    as(token).delete("/v2/" + repository + "/manifests/" + digest).then().statusCode(202);
    as(token).delete(path + layer).then().statusCode(202);
    as(token).get(path + layer).then().statusCode(404);
  }

  @Test
  void manifestsFromBeforeTheTableOfPartsProtectTheirBlobs() throws SQLException {
    String digest = pushed("a");
    update("delete from index_manifest_parts where manifest_id = (select id from index_manifests where digest = ?)", digest);
    update("update index_manifests set is_taken_apart = false where digest = ?", digest);
    as(token).delete("/v2/" + repository + "/blobs/" + sha256(LAYER.getBytes(StandardCharsets.UTF_8))).then().statusCode(405);
    get("tags").body("[0].sizeBytes", equalTo(bytes()));
  }

  private void update(String statement, String value) throws SQLException {
    try (Connection connection = database.getConnection(); PreparedStatement prepared = connection.prepareStatement(statement)) {
      prepared.setString(1, value);
      prepared.executeUpdate();
    }
  }
}
