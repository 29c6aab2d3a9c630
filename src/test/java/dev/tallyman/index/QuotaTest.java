package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.sha256;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Role;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a team may keep, in a team of its own: other tests push to theirs. */
@QuarkusTest
class QuotaTest {
  @Inject TestAccounts accounts;
  @Inject DataSource database;

  private long id;
  private String team = "";
  private String token = "";

  @BeforeEach
  void newTeam() {
    id = ThreadLocalRandom.current().nextLong(1_000_000, 1L << 50);
    team = "quota" + UUID.randomUUID().toString().substring(0, 8);
    new Sql(database).update("insert into teams (id, name) values (?, ?)", id, team);
    token = accounts.adminToken();
  }

  @AfterEach
  void removeTeam() {
    as(token).delete("/api/v1/index/quotas/" + team).then().statusCode(204);
    for (String each : new String[] {"/a", "/b"}) {
      as(token).delete("/api/v1/repositories?name=" + team + each);
    }
    new Sql(database).update("delete from teams where id = ?", id);
  }

  private ValidatableResponse limit(String bytes) {
    return as(token).contentType("application/json").body("{\"limitBytes\":" + bytes + "}").put("/api/v1/index/quotas/" + team).then();
  }

  private ValidatableResponse quotas() {
    return as(token).get("/api/v1/index/quotas").then().statusCode(200).rootPath("find { it.team == '" + team + "' }");
  }

  private byte[] content(String what, int size) {
    return (team + what + "x".repeat(size)).substring(0, size).getBytes(StandardCharsets.UTF_8);
  }

  private ValidatableResponse push(String repository, byte[] content) {
    return as(token).contentType("application/octet-stream").body(content).post("/v2/" + team + repository + "/blobs/uploads/?digest=" + sha256(content)).then();
  }

  private String begun() {
    return as(token).post("/v2/" + team + "/a/blobs/uploads/").then().statusCode(202).extract().header("Location");
  }

  private ValidatableResponse chunk(String location, byte[] content) {
    return as(token).contentType("application/octet-stream").body(content).patch(location).then();
  }

  @Test
  void whatDoesNotFitIsRefusedWithFiguresAndNotKept() {
    limit("1000").statusCode(200).body("limitBytes", equalTo(1000)).body("usedBytes", equalTo(0));
    byte[] large = content("large", 600);
    byte[] more = content("more", 401);
    push("/a", large).statusCode(201);

    push("/a", more).statusCode(403).body("errors[0].code", equalTo("DENIED")).body("errors[0].message", containsString("keeps 600 of the 1000 bytes that it may, and this needs at least 401 more"));
    String chunked = begun();
    chunk(chunked, more).statusCode(202);
    quotas().body("usedBytes", equalTo(600)).body("uploadingBytes", equalTo(401));
    as(token).put(chunked + "?digest=" + sha256(more)).then().statusCode(403).body("errors[0].message", containsString("needs at least 401 more"));
    as(token).get(chunked).then().statusCode(404);

    as(token).head("/v2/" + team + "/a/blobs/" + sha256(more)).then().statusCode(404);
    quotas().body("usedBytes", equalTo(600)).body("uploadingBytes", equalTo(0));
    push("/a", content("rest", 400)).statusCode(201);
    quotas().body("usedBytes", equalTo(1000));
    as(token).get("/api/v1/audit?action=index.push&outcome=refused&object=" + team + "/a&limit=10").then().body("rows", hasSize(2));
  }

  @Test
  void anUploadLargerThanTheLimitStopsOnItsWay() {
    limit("1000").statusCode(200);
    String location = begun();
    chunk(location, content("first", 700)).statusCode(202);
    chunk(location, content("second", 301)).statusCode(403).body("errors[0].code", equalTo("DENIED"));
    as(token).get(location).then().statusCode(404);
    String one = begun();
    chunk(one, content("one", 700)).statusCode(202);
    chunk(begun(), content("two", 301)).statusCode(403).body("errors[0].message", containsString("other uploads of the team"));
    as(token).put(one + "?digest=" + sha256(content("one", 700))).then().statusCode(201);
  }

  @Test
  void whatTheTeamSharesIsCountedOnceAndOtherTeamsPayThemselves() {
    limit("1000").statusCode(200);
    byte[] shared = content("shared", 900);
    push("/a", shared).statusCode(201);
    as(token).post("/v2/" + team + "/b/blobs/uploads/?mount=" + sha256(shared) + "&from=" + team + "/a").then().statusCode(201);
    push("/b", shared).statusCode(201);
    String again = begun();
    chunk(again, shared).statusCode(202);
    as(token).put(again + "?digest=" + sha256(shared)).then().statusCode(201);
    quotas().body("usedBytes", equalTo(900));

    String foreign = accounts.admin().teamName() + "/" + team;
    String theirs = TestIndex.blob(token, foreign, "y".repeat(101));
    as(token).post("/v2/" + team + "/b/blobs/uploads/?mount=" + theirs + "&from=" + foreign).then().statusCode(403).body("errors[0].code", equalTo("DENIED"));
    as(token).delete("/api/v1/repositories?name=" + foreign).then().statusCode(204);
  }

  @Test
  void manifestsCountAndGarbageFrees() {
    TestIndex.image(token, team + "/a", "1", team + "config", team + "layer");
    int used = quotas().body("limitBytes", nullValue()).extract().path("find { it.team == '" + team + "' }.usedBytes");
    limit(Integer.toString(used)).statusCode(200);
    push("/a", content("more", 1)).statusCode(403);
    TestIndex.image(token, team + "/a", "2", team + "config", team + "layer");

    as(token).delete("/v2/" + team + "/a/manifests/1").then().statusCode(202);
    as(token).delete("/v2/" + team + "/a/manifests/2").then().statusCode(202);
    push("/a", content("more", 1)).statusCode(403);
    as(token).contentType("application/json").body("{\"untagged\":true,\"ageSeconds\":0}").post("/api/v1/index/collect").then().statusCode(200);
    quotas().body("usedBytes", equalTo(0));
    push("/a", content("more", used)).statusCode(201);
    push("/b", content("one", 1)).statusCode(403);
    as(token).delete("/api/v1/repositories?name=" + team + "/a").then().statusCode(204);
    push("/b", content("one", 1)).statusCode(201);
  }

  @Test
  void pushesAtTheSameTimeKeepExactlyWhatFits() throws Exception {
    limit("1000").statusCode(200);
    ExecutorService pushers = Executors.newFixedThreadPool(8);
    try {
      List<Future<Integer>> answers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        byte[] content = content("part" + i, 300);
        answers.add(pushers.submit(() -> push("/a", content).extract().statusCode()));
      }
      List<Integer> statuses = new ArrayList<>();
      for (Future<Integer> each : answers) {
        statuses.add(each.get());
      }
      quotas().body("usedBytes", equalTo(300 * Collections.frequency(statuses, 201)));
      assertEquals(8, Collections.frequency(statuses, 201) + Collections.frequency(statuses, 403), statuses.toString());
      assertEquals(true, Collections.frequency(statuses, 201) <= 3, statuses.toString());
      // Uploads under way hold room: what was refused for them alone fits when it comes again.
      for (int i = 0; i < 8; i++) {
        push("/a", content("part" + i, 300));
      }
      quotas().body("usedBytes", equalTo(900));
    } finally {
      pushers.shutdown();
    }
  }

  @Test
  void administratorsSetLimitsAndOthersSeeTheirOwn() {
    for (String wrong : new String[] {"-1", "\"many\"", "1e30", "1152921504606846977", "null", "[]"}) {
      limit(wrong).statusCode(400);
    }
    as(token).contentType("application/json").put("/api/v1/index/quotas/" + team).then().statusCode(400);
    as(token).contentType("application/json").body("{\"limitBytes\":1}").put("/api/v1/index/quotas/" + team + "absent").then().statusCode(404);
    String member = accounts.token(Role.MEMBER);
    as(member).contentType("application/json").body("{\"limitBytes\":1}").put("/api/v1/index/quotas/" + team).then().statusCode(403);
    as(member).delete("/api/v1/index/quotas/" + team).then().statusCode(403);
    as(member).get("/api/v1/index/quotas").then().statusCode(200).body("team", contains(accounts.admin().teamName()));
    limit("0").statusCode(200);
    push("/a", content("one", 1)).statusCode(403);
    as(token).delete("/api/v1/index/quotas/" + team).then().statusCode(204);
    push("/a", content("one", 1)).statusCode(201);
    as(token).get("/api/v1/audit?action=index.quota&object=" + team + "&limit=3").then().body("rows[0].detail", equalTo("no limit")).body("rows[1].detail", equalTo("0 bytes"))
        .body("rows[2].outcome", equalTo("refused"));
  }
}
