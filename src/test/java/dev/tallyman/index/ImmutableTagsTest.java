package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static dev.tallyman.testing.TestIndex.image;
import static dev.tallyman.testing.TestIndex.index;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tags that stay where they are. */
@QuarkusTest
class ImmutableTagsTest {
  @Inject TestAccounts accounts;

  private Caller member;
  private String token = "";
  private String repository = "";

  @BeforeEach
  void newRepository() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    repository = member.teamName() + "/fixed" + UUID.randomUUID().toString().substring(0, 8);
  }

  @AfterEach
  void removeRepository() {
    as(accounts.adminToken()).contentType("application/json").body("{\"name\":\"" + repository + "\",\"immutableTags\":[]}").patch("/api/v1/repositories/rules");
    as(accounts.adminToken()).delete("/api/v1/repositories?name=" + repository);
  }

  private ValidatableResponse rule(String patterns) {
    return as(token).contentType("application/json").body("{\"name\":\"" + repository + "\",\"immutableTags\":" + patterns + "}").patch("/api/v1/repositories/rules").then();
  }

  private ValidatableResponse push(String tag, String digest) {
    byte[] document = as(token).get("/v2/" + repository + "/manifests/" + digest).then().statusCode(200).extract().asByteArray();
    return as(token).header("Content-Type", TestIndex.MANIFEST).body(document).put("/v2/" + repository + "/manifests/" + tag).then();
  }

  private ValidatableResponse delete(String reference) {
    return as(token).delete("/v2/" + repository + "/manifests/" + reference).then();
  }

  @Test
  void aTagIsPushedOnceAndThenStays() {
    String first = image(token, repository, "v1", "{}", "one");
    String second = image(token, repository, "latest", "{}", "two");
    rule("[\"v*\"]").statusCode(200).body("immutableTags", contains("v*"));

    push("v1", second).statusCode(409).body("errors[0].code", equalTo("TAG_INVALID")).body("errors[0].message", containsString("immutable and already on " + first));
    push("v1", first).statusCode(201);
    push("v2", second).statusCode(201);
    push("latest", first).statusCode(201);
    as(token).header("Content-Type", TestIndex.MANIFEST).body(as(token).get("/v2/" + repository + "/manifests/" + second).asByteArray())
        .put("/v2/" + repository + "/manifests/" + second + "?tag=free&tag=v1").then().statusCode(409);

    as(token).head("/v2/" + repository + "/manifests/v1").then().header("Docker-Content-Digest", equalTo(first));
    as(token).head("/v2/" + repository + "/manifests/free").then().statusCode(404);
    as(accounts.adminToken()).get("/api/v1/audit?action=index.push&outcome=failed&object=" + repository + "@" + second + "&limit=10").then().body("rows", hasSize(2)).body("rows[0].account", equalTo(member.accountName()));
    as(accounts.adminToken()).get("/api/v1/audit?action=index.immutable&object=" + repository + "&limit=10").then().body("rows[0].detail", equalTo("tags v*"));
  }

  @Test
  void nothingWithAnImmutableTagIsDeleted() {
    String child = image(token, repository, "child", "{}", "layer");
    String parent = index(token, repository, "all", child, "");
    rule("[\"all\"]").statusCode(200);

    delete("all").statusCode(409).body("errors[0].code", equalTo("TAG_INVALID"));
    delete(parent).statusCode(409).body("errors[0].message", containsString("the immutable tag all has it"));
    delete(child).statusCode(409);
    as(token).delete("/api/v1/repositories?name=" + repository).then().statusCode(409).body("detail", containsString("immutable"));
    as(token).delete("/api/v1/repositories/image?name=" + repository + "&reference=all").then().statusCode(409);

    delete("child").statusCode(202);
    rule("[]").statusCode(200).body("immutableTags", hasSize(0));
    delete("all").statusCode(202);
    delete(parent).statusCode(202);
    delete(child).statusCode(202);
  }

  @Test
  void ofTwoPushesOfANewTagOneWins() throws Exception {
    String first = image(token, repository, "a", "{}", "one");
    String second = image(token, repository, "b", "{}", "two");
    rule("[\"race*\"]").statusCode(200);
    ExecutorService pushers = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 10; round++) {
        String tag = "race" + round;
        List<Future<Integer>> answers = new ArrayList<>();
        for (String digest : List.of(first, second)) {
          answers.add(pushers.submit(() -> push(tag, digest).extract().statusCode()));
        }
        List<Integer> statuses = new ArrayList<>(List.of(answers.get(0).get(), answers.get(1).get()));
        String winner = statuses.get(0) == 201 ? first : second;
        statuses.sort(null);
        assertEquals(List.of(201, 409), statuses);
        as(token).head("/v2/" + repository + "/manifests/" + tag).then().header("Docker-Content-Digest", equalTo(winner));
      }
    } finally {
      pushers.shutdown();
    }
  }

  @Test
  void rulesAreReadByTheTeamAndSetByItsMembers() {
    image(token, repository, "a", "{}");
    for (String patterns : new String[] {"[\"a b\"]", "[\"\"]", "[null]", "[\"" + "x".repeat(129) + "\"]", "[\"a\u202e\"]", "\"a\"", "[" + "\"a\",".repeat(50) + "\"b\"]", "null"}) {
      rule(patterns).statusCode(400);
    }
    as(token).contentType("application/json").body("{\"name\":\"../x\",\"immutableTags\":[]}").patch("/api/v1/repositories/rules").then().statusCode(400);
    String viewer = accounts.token(Role.VIEWER);
    as(viewer).get("/api/v1/repositories/rules?name=" + repository).then().statusCode(200).body("name", equalTo(repository)).body("immutableTags", hasSize(0));
    as(viewer).contentType("application/json").body("{\"name\":\"" + repository + "\",\"immutableTags\":[\"*\"]}").patch("/api/v1/repositories/rules").then().statusCode(403);
    as(token).get("/api/v1/repositories/rules?name=" + repository + "absent").then().statusCode(404);
    as(token).get("/api/v1/repositories/rules").then().statusCode(400);
  }

  @Test
  void patternsMatchWholeTags() {
    TagPatterns patterns = new TagPatterns(List.of("v*.0", "exact", "a*b*c"));
    for (String tag : List.of("v1.0", "v.0", "exact", "abc", "aXbYbZc")) {
      assertEquals(true, patterns.matches(tag), tag);
    }
    for (String tag : List.of("v1.00", "xv1.0", "exactly", "v0", "acb", "ac", "vX0", "Exact")) {
      assertEquals(false, patterns.matches(tag), tag);
    }
    assertEquals(true, new TagPatterns(List.of("*")).matches("x"));
    assertEquals(false, new TagPatterns(List.of("ab*ba")).matches("aba"));
    assertEquals(false, new TagPatterns(List.of("*a".repeat(60) + "*")).matches("a".repeat(59) + "b".repeat(69)));
  }
}
