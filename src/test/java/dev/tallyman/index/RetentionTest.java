package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.image;
import static dev.tallyman.testing.TestIndex.index;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Sql;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which tags go, which stay, and what is told about it. */
@QuarkusTest
class RetentionTest {
  @Inject TestAccounts accounts;
  @Inject DataSource database;
  @Inject RetentionService retention;

  private Caller member;
  private String token = "";
  private String repository = "";

  @BeforeEach
  void newRepository() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    repository = member.teamName() + "/kept" + UUID.randomUUID().toString().substring(0, 8);
  }

  @AfterEach
  void removeRepository() {
    rules("\"immutableTags\":[],\"retention\":{}");
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private ValidatableResponse rules(String fields) {
    return as(token).contentType("application/json").body("{\"name\":\"" + repository + "\"," + fields + "}").patch("/api/v1/repositories/rules").then();
  }

  private ValidatableResponse run(String fields) {
    return as(token).contentType("application/json").body("{\"name\":\"" + repository + "\"" + fields + "}").post("/api/v1/repositories/retention").then();
  }

  private ValidatableResponse tried(String rule) {
    return run(",\"dryRun\":true,\"retention\":" + rule).statusCode(200);
  }

  private ValidatableResponse tags() {
    return as(token).get("/v2/" + repository + "/tags/list").then().statusCode(200);
  }

  private String pushed(String tag, int daysAgo) {
    String digest = image(token, repository, tag, "{}", repository + tag);
    new Sql(database)
        .update("update index_tags set updated_at = ? where name = ? and repository_id = (select id from index_repositories where name = ?)", Instant.now().minus(Duration.ofDays(daysAgo)), tag, repository);
    return digest;
  }

  private void pulled(String digest, int daysAgo) {
    new Sql(database)
        .update("update index_manifests set pulled_at = ? where digest = ? and repository_id = (select id from index_repositories where name = ?)", Instant.now().minus(Duration.ofDays(daysAgo)), digest, repository);
  }

  @Test
  void eachConditionKeepsWhatItSays() {
    pushed("old", 30);
    pulled(pushed("used", 20), 3);
    pushed("release-1", 10);
    pushed("new", 1);
    tried("{\"keepLast\":2}").body("tags.tag", contains("used", "old")).body("kept", equalTo(2)).body("removed", equalTo(2)).body("manifests", equalTo(2)).body("tags[0].why", equalTo("not among the last 2"));
    tried("{\"keepPushedDays\":15}").body("tags.tag", contains("used", "old")).body("tags[0].why", equalTo("not pushed within 15 days"));
    tried("{\"keepPulledDays\":5}").body("tags.tag", contains("new", "release-1", "old")).body("tags[0].lastPulledAt", nullValue());
    tried("{\"keepTags\":[\"release-*\"]}").body("tags.tag", contains("new", "used", "old"));
    tried("{\"keepLast\":1,\"keepPulledDays\":5,\"keepTags\":[\"release-*\"]}").body("tags.tag", contains("old"))
        .body("tags[0].why", equalTo("not among the last 1; not pulled within 5 days; like none of release-*"));
    tags().body("tags", hasSize(4));
  }

  @Test
  void theRunDoesWhatTheDryRunTold() {
    String old = pushed("old", 30);
    String kept = pushed("kept", 20);
    pushed("new", 1);
    image(token, repository, "alias", "{}", repository + "kept");
    rules("\"retention\":{\"keepLast\":2}").statusCode(200).body("retention.keepLast", equalTo(2)).body("immutableTags", hasSize(0));

    for (boolean isDry : new boolean[] {true, false}) {
      run(",\"dryRun\":" + isDry).statusCode(200).body("dryRun", equalTo(isDry)).body("tags.tag", contains("kept", "old")).body("kept", equalTo(2)).body("manifests", equalTo(1));
      as(token).head("/v2/" + repository + "/manifests/" + old).then().statusCode(isDry ? 200 : 404);
    }

    as(token).head("/v2/" + repository + "/manifests/" + kept).then().statusCode(200);
    tags().body("tags", containsInAnyOrder("new", "alias"));
    run("").statusCode(200).body("removed", equalTo(0)).body("tags", hasSize(0));
    as(accounts.adminToken()).get("/api/v1/audit?action=index.retain&object=" + repository + "&limit=10").then().body("rows", hasSize(1))
        .body("rows[0].account", equalTo(member.accountName())).body("rows[0].detail", equalTo("tags kept, old; 1 manifests"));
    as(accounts.adminToken()).get("/api/v1/audit?action=index.retention&object=" + repository + "&limit=10").then().body("rows[0].detail", equalTo("keep the last 2"));
  }

  @Test
  void immutableTagsStayAndIndexesGoWithTheirParts() {
    String child = pushed("child", 30);
    index(token, repository, "all", child, "");
    as(token).delete("/v2/" + repository + "/manifests/child").then().statusCode(202);
    String fixed = pushed("v1", 40);
    pushed("new", 0);
    rules("\"immutableTags\":[\"v*\"],\"retention\":{\"keepTags\":[\"new\"]}").statusCode(200);
    run("").statusCode(200).body("tags.tag", contains("all")).body("manifests", equalTo(2));
    as(token).head("/v2/" + repository + "/manifests/" + child).then().statusCode(404);
    as(token).head("/v2/" + repository + "/manifests/" + fixed).then().statusCode(200);
    tags().body("tags", containsInAnyOrder("new", "v1"));
  }

  @Test
  void theScheduleActsAsTheSystem() {
    for (int i = 0; i < 30; i++) {
      image(token, repository, "t" + i, "{}");
    }
    retention.runAll();
    tags().body("tags", hasSize(30));
    rules("\"retention\":{\"keepTags\":[\"t7\"]}").statusCode(200);
    retention.runAll();
    tags().body("tags", contains("t7"));
    as(accounts.adminToken()).get("/api/v1/audit?action=index.retain&object=" + repository + "&limit=10").then().body("rows", hasSize(2)).body("rows[0].account", equalTo("system"))
        .body("rows[0].way", equalTo("system")).body("rows[0].team", equalTo(member.teamName())).body("rows[0].outcome", equalTo("done"));
  }

  @Test
  void rulesAreCheckedAndNeededAndForMembers() {
    pushed("a", 1);
    run("").statusCode(409).body("detail", containsString("no retention rule"));
    run(",\"retention\":{\"keepLast\":1}").statusCode(400);
    for (String rule : new String[] {"{\"keepLast\":0}", "{\"keepLast\":10001}", "{\"keepLast\":-1}", "{\"keepPushedDays\":3651}", "{\"keepPulledDays\":0}", "{\"keepTags\":[\"a b\"]}", "{\"keepLast\":\"all\"}", "{\"keep\":1}", "[]"}) {
      rules("\"retention\":" + rule).statusCode(400);
      run(",\"dryRun\":true,\"retention\":" + rule).statusCode(400);
    }
    run(",\"dryRun\":true,\"retention\":{}").statusCode(400);
    rules("\"immutableTags\":null").statusCode(400);
    String viewer = accounts.token(Role.VIEWER);
    as(viewer).contentType("application/json").body("{\"name\":\"" + repository + "\",\"dryRun\":true}").post("/api/v1/repositories/retention").then().statusCode(403);
    rules("\"retention\":{\"keepLast\":3}").statusCode(200);
    rules("\"immutableTags\":[\"x\"]").statusCode(200).body("retention.keepLast", equalTo(3));
    rules("\"retention\":{}").statusCode(200).body("retention", nullValue()).body("immutableTags", contains("x"));
    tags().body("tags", contains("a"));
  }
}
