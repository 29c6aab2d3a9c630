package dev.tallyman.index;

import static dev.tallyman.testing.TestIndex.as;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import dev.tallyman.testing.TestIndex;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Through whose hands an image went. */
@QuarkusTest
class CustodyServiceTest {
  private static final Caller FOREIGN = new Caller(99, "eve", Role.MEMBER, 7_104, "elsewhere", Way.REST, null, Origin.none());

  @Inject TestAccounts accounts;
  @Inject Images images;
  @Inject Containers containers;
  @Inject CustodyService custody;

  private final List<String> repositories = new ArrayList<>();
  private final List<String> made = new ArrayList<>();
  private Caller member;
  private String token = "";
  private String name = "";
  private String repository = "";
  private Images.Image image;

  @BeforeEach
  void newImage() {
    member = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(member);
    name = "hands" + UUID.randomUUID().toString().substring(0, 8);
    repository = repository(name + "_x");
    image = images.importTar(member, new ByteArrayInputStream(TestImages.tar()), name + ":1", List.of("CMD [\"sh\"]", "LABEL of=" + name), "");
  }

  private String repository(String rest) {
    repositories.add(member.teamName() + "/" + rest);
    return member.teamName() + "/" + rest;
  }

  @AfterEach
  void removeAll() {
    made.forEach(each -> containers.remove(accounts.admin(), each, true, true));
    images.remove(accounts.admin(), image.id(), true, true);
    repositories.forEach(each -> as(accounts.adminToken()).delete("/api/v1/repositories?name=" + each));
  }

  private String pushed(String where) {
    return TestIndex.image(token, where, "a", image.configJson(), "layer of " + name);
  }

  private void pull(String by, String where, String reference) {
    as(by).get("/v2/" + where + "/manifests/" + reference).then().statusCode(200);
  }

  private ValidatableResponse get(String reference) {
    return as(token).get("/api/v1/repositories/custody?name=" + repository + "&reference=" + reference).then();
  }

  private String run() {
    String id = containers.create(member, ContainerSpec.of(name + made.size(), image.id(), List.of("sh"))).id();
    made.add(id);
    return id;
  }

  @Test
  void leadsFromTheImportToTheContainers() {
    String digest = pushed(repository);
    Caller viewer = accounts.caller(Role.VIEWER);
    pull(accounts.tokenOf(viewer), repository, "a");
    pull(token, repository, digest);
    String first = run();
    String second = run();
    containers.remove(member, made.remove(0), true, true);
    for (String reference : new String[] {"a", digest, image.id()}) {
      get(reference).statusCode(200).body("digest", equalTo(digest)).body("imageIds", contains(image.id())).body("origins.what", contains("import")).body("origins[0].name", equalTo(name + ":1"))
          .body("origins[0].by", equalTo(member.accountName())).body("origins[0].at", notNullValue()).body("pushes.by", contains(member.accountName())).body("pushes[0].way", equalTo("index"))
          .body("pulls.by", contains(member.accountName(), viewer.accountName())).body("runs.container", contains(second, first)).body("runs.createdBy", contains(member.accountName(), member.accountName()))
          .body("runs[0].removedAt", equalTo(null)).body("runs[1].removedAt", notNullValue());
    }
  }

  @Test
  void lookingIsNoPull() {
    pushed(repository);
    get("a").body("pulls", hasSize(0));
    get("a").body("pulls", hasSize(0));
  }

  @Test
  void namesThatBeginAlikeOrLookLikePatternsAreKeptApart() {
    String digest = pushed(repository);
    for (String other : new String[] {repository(name + "_x2"), repository(name + "-x")}) {
      assertEquals(digest, pushed(other));
      pull(token, other, "a");
      pull(token, other, digest);
    }
    get(digest).body("pushes", hasSize(1)).body("pulls", hasSize(0));
  }

  @Test
  void namesThatTheTrailCutsAreFound() {
    repository = repository((name + "/" + "n".repeat(Address.MAX_NAME)).substring(0, Address.MAX_NAME - member.teamName().length() - 1));
    String digest = pushed(repository);
    pull(token, repository, digest);
    get("a").body("pushes", hasSize(1)).body("pulls", hasSize(1));
  }

  @Test
  void indexesLeadToTheirChildrensImages() {
    String child = pushed(repository);
    TestIndex.index(token, repository, "all", child, "");
    pull(token, repository, "all");
    get("all").body("imageIds", contains(image.id())).body("origins.what", contains("import")).body("pulls", hasSize(1));
    get("a").body("pulls", hasSize(0));
  }

  @Test
  void othersSeeOnlyTheirOwnTeamsPullsAndContainersOfAPublicOne() {
    String digest = pushed(repository);
    pull(token, repository, "a");
    run();
    TallymanException hidden = assertThrows(TallymanException.class, () -> custody.custody(FOREIGN, repository, digest));
    assertEquals(ErrorKind.NOT_FOUND, hidden.kind());
    as(token).contentType("application/json").body("{\"name\":\"" + repository + "\",\"isPublic\":true}").patch("/api/v1/repositories").then().statusCode(200);
    CustodyService.Custody seen = custody.custody(FOREIGN, repository, digest);
    assertEquals(List.of("import"), seen.origins().stream().map(CustodyService.Step::what).toList());
    assertEquals(List.of(member.accountName()), seen.pushes().stream().map(CustodyService.Step::by).toList());
    assertEquals(List.of(), seen.pulls());
    assertEquals(List.of(), seen.runs());
  }

  @Test
  void artifactsAndUnknownReferencesHaveNoImage() {
    pushed(repository);
    String layer = TestIndex.blob(token, repository, "layer of " + name);
    get(layer).statusCode(404);
    get("absent").statusCode(404);
    get("sha256:1").statusCode(400);
    get("%25").statusCode(400);
    as(token).get("/api/v1/repositories/custody?name=" + repository).then().statusCode(400);
    given().get("/api/v1/repositories/custody?name=" + repository + "&reference=a").then().statusCode(401);
    TestIndex.index(token, repository, "sparse", TestIndex.sha256(new byte[] {2}), "");
    get("sparse").statusCode(200).body("imageIds", empty()).body("origins", empty()).body("runs", empty()).body("pushes", hasSize(1));
  }
}
