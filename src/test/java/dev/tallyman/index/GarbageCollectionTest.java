package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.blob;
import static dev.tallyman.testing.TestIndex.image;
import static dev.tallyman.testing.TestIndex.index;
import static dev.tallyman.testing.TestIndex.sha256;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What goes, what stays, and what is told about it. */
@QuarkusTest
class GarbageCollectionTest {
  private static final String EVERYTHING = "\"untagged\":true,\"ageSeconds\":0";

  @Inject TestAccounts accounts;

  private String token = "";
  private String repository = "";

  @BeforeEach
  void newRepositoryOnACleanShelf() {
    token = accounts.token(Role.MEMBER);
    repository = accounts.admin().teamName() + "/waste" + UUID.randomUUID().toString().substring(0, 8);
    collect(EVERYTHING);
  }

  @AfterEach
  void removeRepositories() {
    for (String each : List.of(repository, repository + "2")) {
      as(accounts.adminToken()).delete("/api/v1/repositories?name=" + each);
    }
  }

  private ValidatableResponse collect(String wish) {
    return as(accounts.adminToken()).contentType("application/json").body("{" + wish + "}").post("/api/v1/index/collect").then().statusCode(200);
  }

  private void is(int status, String path) {
    as(token).head("/v2/" + repository + path).then().statusCode(status);
  }

  private String mine(String text) {
    return text + " of " + repository;
  }

  private static String digest(String text) {
    return sha256(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void dryRunsTellWhatTheRunThenDoes() {
    String first = image(token, repository, "a", mine("config 1"), mine("layer"), mine("old layer"));
    String second = image(token, repository, "a", mine("config 2"), mine("layer"));
    String loose = blob(token, repository, mine("loose"));
    int blobBytes = (mine("config 1") + mine("old layer") + mine("loose")).length();
    for (boolean isDry : new boolean[] {true, false}) {
      ValidatableResponse figures = collect(EVERYTHING + ",\"dryRun\":" + isDry).body("dryRun", equalTo(isDry)).body("repositories", equalTo(1)).body("manifests", equalTo(1)).body("blobs", equalTo(3)).body("blobBytes", equalTo(blobBytes));
      assertEquals(true, figures.extract().<Integer>path("freedBytes") > blobBytes, "the manifest's own bytes come along");
      is(isDry ? 200 : 404, "/manifests/" + first);
      is(isDry ? 200 : 404, "/blobs/" + loose);
      is(isDry ? 200 : 404, "/blobs/" + digest(mine("old layer")));
      is(200, "/manifests/" + second);
      is(200, "/blobs/" + digest(mine("layer")));
    }
    collect(EVERYTHING).body("manifests", equalTo(0)).body("blobs", equalTo(0)).body("freedBytes", equalTo(0));
    as(accounts.adminToken()).get("/api/v1/audit?action=index.collect&limit=2").then().body("rows[1].detail", containsString("1 manifests, 3 blobs")).body("rows[1].outcome", equalTo("done"));
  }

  @Test
  void untaggedManifestsStayUnlessAskedForAndYoungThingsAlways() {
    String untagged = image(token, repository, "a", mine("config 1"), mine("layer"));
    image(token, repository, "a", mine("config 2"));
    String loose = blob(token, repository, mine("loose"));
    collect("\"untagged\":true").body("manifests", equalTo(0)).body("blobs", equalTo(0));
    is(200, "/blobs/" + loose);
    collect("\"ageSeconds\":0").body("manifests", equalTo(0)).body("blobs", equalTo(1));
    is(404, "/blobs/" + loose);
    is(200, "/manifests/" + untagged);
  }

  @Test
  void indexesKeepTheirChildrenAndGoWithThem() {
    String child = image(token, repository, "child", mine("config"), mine("layer"));
    String parent = index(token, repository, "all", child, "");
    as(token).delete("/v2/" + repository + "/manifests/child").then().statusCode(202);
    collect(EVERYTHING).body("manifests", equalTo(0)).body("blobs", equalTo(0));
    as(token).delete("/v2/" + repository + "/manifests/all").then().statusCode(202);
    collect(EVERYTHING + ",\"dryRun\":true").body("manifests", equalTo(2)).body("blobs", equalTo(2));
    is(200, "/manifests/" + parent);
    collect(EVERYTHING).body("manifests", equalTo(2)).body("blobs", equalTo(2));
    is(404, "/manifests/" + child);
  }

  @Test
  void whatAnotherRepositoryNamesFreesNothing() {
    String shared = blob(token, repository, mine("shared"));
    image(token, repository + "2", "a", mine("config"), mine("shared"));
    collect(EVERYTHING + ",\"dryRun\":true").body("blobs", equalTo(1)).body("freedBytes", equalTo(0));
    collect(EVERYTHING).body("blobs", equalTo(1)).body("blobBytes", equalTo(mine("shared").length())).body("freedBytes", equalTo(0));
    is(404, "/blobs/" + shared);
    as(token).get("/v2/" + repository + "2/blobs/" + shared).then().statusCode(200).body(equalTo(mine("shared")));
  }

  @Test
  void onlyAdministratorsCollectAndWrongAgesAreRefused() {
    for (Role role : new Role[] {Role.MEMBER, Role.VIEWER}) {
      as(accounts.token(role)).contentType("application/json").body("{\"dryRun\":true}").post("/api/v1/index/collect").then().statusCode(403);
    }
    for (String age : new String[] {"-1", "999999999999", "\"x\"", "9223372036854775807"}) {
      as(accounts.adminToken()).contentType("application/json").body("{\"ageSeconds\":" + age + "}").post("/api/v1/index/collect").then().statusCode(400);
    }
    as(accounts.adminToken()).get("/api/v1/audit?action=index.collect&outcome=refused&limit=1").then().body("rows.size()", equalTo(1));
  }

  @Test
  void pushesUnderWayAreWholeOrRefused() throws Exception {
    String upload = as(token).post("/v2/" + repository + "/blobs/uploads/").then().statusCode(202).extract().header("Location");
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Future<List<String>>> pushers = IntStream.range(0, 3).mapToObj(who -> pool.submit(() -> push(who))).toList();
      while (pushers.stream().anyMatch(each -> !each.isDone())) {
        collect(EVERYTHING);
      }
      for (Future<List<String>> each : pushers) {
        for (String text : each.get()) {
          is(200, "/blobs/" + digest(text));
        }
      }
    } finally {
      pool.shutdownNow();
    }
    String content = mine("late");
    as(token).contentType("application/octet-stream").body(content.getBytes(StandardCharsets.UTF_8)).put(upload + "?digest=" + digest(content)).then().statusCode(201);
  }

  /** @return texts of the layers of manifests that were accepted */
  private List<String> push(int who) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < 15; i++) {
      String text = mine("layer " + who + " " + i);
      String layer = blob(token, repository, text);
      String document = "{\"schemaVersion\":2,\"mediaType\":\"" + TestIndex.MANIFEST + "\",\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" + layer + "\",\"size\":" + text.length() + "},\"layers\":[]}";
      int status = as(token).header("Content-Type", TestIndex.MANIFEST).body(document.getBytes(StandardCharsets.UTF_8)).put("/v2/" + repository + "/manifests/t" + who + "-" + i).statusCode();
      if (status == 201) {
        kept.add(text);
      } else {
        assertEquals(404, status, "a manifest whose blob was collected is refused");
      }
    }
    return kept;
  }
}
