package dev.tallyman.index;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The Index as registry clients speak to it; what the conformance suite does not ask, and what nobody should. */
@QuarkusTest
class IndexResourceTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @Inject TestAccounts accounts;
  @Inject Uploads uploads;
  @Inject SharedBlobs blobs;
  @Inject IndexConfig config;
  @Inject Vertx vertx;
  @Inject RefusedLogins refusals;

  private String token = "";
  private String repository = "";

  @BeforeEach
  void newRepository() {
    token = accounts.token(Role.MEMBER);
    repository = accounts.admin().teamName() + "/box" + UUID.randomUUID().toString().substring(0, 8);
  }

  private RequestSpecification member() {
    return given().urlEncodingEnabled(false).header("Authorization", "Bearer " + token);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String digest(String algorithm, byte[] content) {
    try {
      return algorithm.replace("-", "").toLowerCase(java.util.Locale.ROOT) + ":" + HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(content));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String sha256(byte[] content) {
    return digest("SHA-256", content);
  }

  private String path(String rest) {
    return "/v2/" + repository + rest;
  }

  private ValidatableResponse upload(byte[] content, String digest) {
    return member().contentType("application/octet-stream").body(content).post(path("/blobs/uploads/?digest=" + digest)).then();
  }

  private String begin() {
    return member().post(path("/blobs/uploads/")).then().statusCode(202).header("Range", "0-0").extract().header("Location");
  }

  private static String manifest(byte[] config, long declared, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + sha256(config) + "\",\"size\":" + declared
        + "},\"layers\":[]" + more + "}";
  }

  private ValidatableResponse push(String reference, String document) {
    return member().header("Content-Type", MANIFEST).body(bytes(document)).put(path("/manifests/" + reference)).then();
  }

  private String pushImage(String tag) {
    byte[] config = bytes("{\"of\":\"" + repository + "\"}");
    upload(config, sha256(config)).statusCode(201);
    return push(tag, manifest(config, config.length, "")).statusCode(201).extract().header("Docker-Content-Digest");
  }

  private static ValidatableResponse refused(ValidatableResponse answer, int status, String code) {
    return answer.statusCode(status).body("errors[0].code", equalTo(code));
  }

  @Test
  void blobsComeBackWholeAndInParts() {
    byte[] content = bytes("0123456789 " + repository);
    String digest = digest("SHA-512", content);
    upload(content, digest).statusCode(201).header("Location", path("/blobs/" + digest)).header("Docker-Content-Digest", digest);

    member().head(path("/blobs/" + digest)).then().statusCode(200).header("Content-Length", Integer.toString(content.length));
    assertArrayEquals(content, member().get(path("/blobs/" + digest)).asByteArray());
    member().header("Range", "bytes=2-4").get(path("/blobs/" + digest)).then().statusCode(206).header("Content-Range", "bytes 2-4/" + content.length).body(equalTo("234"));
    member().header("Range", "bytes=-3").get(path("/blobs/" + digest)).then().statusCode(206).body(equalTo(repository.substring(repository.length() - 3)));
    member().header("Range", "bytes=9999-").get(path("/blobs/" + digest)).then().statusCode(416).header("Content-Range", "bytes */" + content.length);
    member().delete(path("/blobs/" + digest)).then().statusCode(202);
    refused(member().get(path("/blobs/" + digest)).then(), 404, "BLOB_UNKNOWN");
  }

  @Test
  void chunksComeInOrderOnly() {
    String location = begin();
    member().header("Content-Range", "0-3").body(bytes("abcd")).contentType("application/octet-stream").patch(location).then().statusCode(202).header("Range", "0-3");
    member().header("Content-Range", "9-10").body(bytes("xx")).contentType("application/octet-stream").patch(location).then().statusCode(416).header("Range", "0-3");
    member().get(location).then().statusCode(204).header("Range", "0-3");
    member().body(bytes("ef")).contentType("application/octet-stream").put(location + "?digest=" + sha256(bytes("abcdef"))).then().statusCode(201);
    refused(member().get(location).then(), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void wrongDigestsAndSizesLeaveNothing() {
    refused(upload(bytes("true"), sha256(bytes("lie"))), 400, "DIGEST_INVALID");
    refused(upload(bytes("true"), "md5:00"), 400, "DIGEST_INVALID");
    byte[] config = bytes("config of " + repository);
    refused(push("a", manifest(config, config.length, "")), 404, "MANIFEST_BLOB_UNKNOWN");
    upload(config, sha256(config)).statusCode(201);
    refused(push("a", manifest(config, 1, "")), 400, "SIZE_INVALID");
    refused(push(sha256(bytes("other")), manifest(config, config.length, "")), 400, "DIGEST_INVALID");
    refused(push("a", manifest(config, config.length, ",\"layers\":[]")), 400, "MANIFEST_INVALID");
    refused(push("a", "[".repeat(100_000)), 400, "MANIFEST_INVALID");
    refused(push("a", "{}" + " ".repeat(4 << 20)), 413, "SIZE_INVALID");
    refused(push("-a", manifest(config, config.length, "")), 400, "MANIFEST_INVALID");
    member().get(path("/tags/list")).then().statusCode(200).body("tags", hasSize(0));
  }

  @Test
  void tagsComeInPages() {
    String digest = pushImage("b");
    pushImage("a");
    pushImage("c");

    Response first = member().get(path("/tags/list?n=2"));
    assertEquals("<" + path("/tags/list?n=2&last=b") + ">; rel=\"next\"", first.header("Link"));
    first.then().body("tags", contains("a", "b"));
    member().get(path("/tags/list?n=2&last=b")).then().body("tags", contains("c")).header("Link", nullValue());
    member().delete(path("/manifests/a")).then().statusCode(202);
    member().delete(path("/manifests/" + digest)).then().statusCode(202);
    member().get(path("/tags/list")).then().body("tags", hasSize(0));
    refused(member().get(path("/manifests/" + digest)).then(), 404, "MANIFEST_UNKNOWN");
  }

  @Test
  void referrersAreListedAndFiltered() {
    String subject = pushImage("a");
    byte[] config = bytes("{\"of\":\"" + repository + "\"}");
    String more = ",\"artifactType\":\"text/x-note\",\"annotations\":{\"k\":\"v\"},\"subject\":{\"mediaType\":\"" + MANIFEST + "\",\"size\":1,\"digest\":\"" + subject + "\"}";
    String document = manifest(config, config.length, more);
    push(sha256(bytes(document)), document).statusCode(201).header("OCI-Subject", subject);

    member().get(path("/referrers/" + subject)).then().contentType("application/vnd.oci.image.index.v1+json").body("manifests[0].artifactType", equalTo("text/x-note")).body("manifests[0].annotations.k", equalTo("v"));
    member().get(path("/referrers/" + subject + "?artifactType=other")).then().header("OCI-Filters-Applied", "artifactType").body("manifests", hasSize(0));
  }

  @Test
  void clientsLogInAsTheChallengeSays() {
    String digest = pushImage("a");
    Caller viewer = accounts.caller(Role.VIEWER);
    String challenge = given().get(path("/manifests/a")).then().statusCode(401).extract().header("WWW-Authenticate");
    assertEquals(true, challenge.contains("/v2/token\"") && challenge.contains("scope=\"repository:" + repository + ":pull\""), challenge);
    given().get("/v2/").then().statusCode(401);
    given().get("/v2/token").then().statusCode(401);

    String bearer =
        given().auth().preemptive().basic(viewer.accountName(), TestAccounts.PASSWORD).queryParam("scope", "repository:" + repository + ":pull,push").get("/v2/token").then().statusCode(200)
            .extract().path("token");
    RequestSpecification pull = given().header("Authorization", "Bearer " + bearer);
    pull.get(path("/manifests/a")).then().statusCode(200).header("Docker-Content-Digest", digest);
    given().header("Authorization", "Bearer " + bearer).get("/v2/default/other/tags/list").then().statusCode(404);
    refused(given().header("Authorization", "Bearer " + bearer).post(path("/blobs/uploads/")).then(), 403, "DENIED");
    given().header("Authorization", "Bearer " + bearer + "x").get("/v2/").then().statusCode(401);
    given().auth().preemptive().basic(viewer.accountName(), "wrong password").get("/v2/").then().statusCode(401);
    given().auth().preemptive().basic(viewer.accountName(), accounts.tokenOf(viewer)).get("/v2/").then().statusCode(200);
    given().header("Authorization", "Bearer " + accounts.adminToken()).queryParam("object", repository).get("/api/v1/audit").then().statusCode(200)
        .body("rows.find { it.action == 'index.pull' }.account", equalTo(viewer.accountName())).body("rows.find { it.action == 'index.push' && it.outcome == 'refused' }.way", equalTo("index"));
  }

  @Test
  void refusedTokenRequestsDoNotFillTheTrail() {
    refusals.forgetAll();
    String scope = "repository:" + repository + ":pull";
    for (int i = 0; i < 60; i++) {
      given().queryParam("scope", scope).get("/v2/token").then().statusCode(401).body("errors[0].code", equalTo("UNAUTHORIZED"));
      given().header("Authorization", "Bearer tly_wrong" + i).get("/v2/").then().statusCode(401);
    }
    int rows = given().header("Authorization", "Bearer " + accounts.adminToken()).queryParam("object", scope).get("/api/v1/audit").then().statusCode(200).extract().path("rows.size()");
    // Both kinds share what the address has: some rows for certain, and a few more if the loop takes longer than the first waits.
    assertTrue(rows >= 1 && rows <= RefusedLogins.FREE_ROWS + 5, () -> rows + " rows");
    given().header("Authorization", "Bearer " + token).queryParam("scope", scope).get("/v2/token").then().statusCode(200);
  }

  @Test
  void nobodyTakesOverUploadsNamesOrBlobsOfOthers() {
    String location = begin();
    String other = accounts.token(Role.MEMBER);
    given().header("Authorization", "Bearer " + other).get(location).then().statusCode(404);
    refused(member().post("/v2/otherteam/box/blobs/uploads/").then(), 403, "DENIED");
    refused(member().post("/v2/" + accounts.admin().teamName() + "/UPPER/blobs/uploads/").then(), 400, "NAME_INVALID");
    member().post(path("/../x/blobs/uploads/")).then().statusCode(400);
    member().post(path("/%2e%2e/x/blobs/uploads/")).then().statusCode(400);
    byte[] content = bytes("secret " + repository);
    upload(content, sha256(content)).statusCode(201);
    String target = repository + "2";
    member().post("/v2/" + target + "/blobs/uploads/?mount=" + sha256(content) + "&from=default/absent").then().statusCode(202);
    member().get("/v2/" + target + "/blobs/" + sha256(content)).then().statusCode(404);
    member().post("/v2/" + target + "/blobs/uploads/?mount=" + sha256(content) + "&from=" + repository).then().statusCode(201);
    member().delete(path("/blobs/" + sha256(content))).then().statusCode(202);
    member().get("/v2/" + target + "/blobs/" + sha256(content)).then().statusCode(200);
  }

  @Test
  void theCatalogShowsWhatMayBeSeen() {
    pushImage("a");
    member().get("/v2/_catalog?n=1000").then().statusCode(200).body("repositories", hasItem(repository));
    given().get("/v2/_catalog").then().statusCode(401);
    member().get("/v2/_catalog?n=x").then().statusCode(400);
    member().get("/v2/_catalog?n=0").then().body("repositories", hasSize(0)).body("repositories", not(hasItem(containsString("x"))));
  }

  @Test
  void publicRepositoriesAreStillForAccountsOnly() {
    pushImage("a");
    member().contentType("application/json").body("{\"name\":\"" + repository + "\",\"isPublic\":true}").patch("/api/v1/repositories").then().statusCode(200).body("isPublic", equalTo(true));
    member().get("/api/v1/repositories").then().statusCode(200).body("find { it.name == '" + repository + "' }.isPublic", equalTo(true));
    given().get(path("/manifests/a")).then().statusCode(401);
    given().header("Authorization", "Bearer " + accounts.token(Role.VIEWER)).get(path("/manifests/a")).then().statusCode(200);
    given().header("Authorization", "Bearer " + accounts.token(Role.VIEWER)).contentType("application/json").body("{\"name\":\"" + repository + "\",\"isPublic\":false}").patch("/api/v1/repositories").then().statusCode(403);
    member().contentType("application/json").body("{\"name\":\"../x\",\"isPublic\":true}").patch("/api/v1/repositories").then().statusCode(400);
    member().contentType("application/json").body("{\"name\":\"" + repository + "absent\",\"isPublic\":true}").patch("/api/v1/repositories").then().statusCode(404);
  }

  @Test
  void unusedUploadsExpire() {
    String location = begin();
    uploads.expire(Duration.ZERO);
    refused(member().get(location).then(), 404, "BLOB_UPLOAD_UNKNOWN");
  }

  @Test
  void uploadsGoOnAfterARestart() {
    Caller mine = accounts.caller(Role.MEMBER);
    token = accounts.tokenOf(mine);
    Visitor owner = Visitor.known(mine);
    String location = begin();
    member().contentType("application/octet-stream").body(bytes("abcd")).patch(location).then().statusCode(202);
    String id = idIn(location);
    Uploads next = new Uploads(blobs, config, vertx);
    next.onStart(new StartupEvent());

    assertThrows(IndexException.class, () -> next.with(owner, repository + "x", id, Uploads.Upload::range));
    assertEquals("0-3", next.with(owner, repository, id, Uploads.Upload::range));
    String digest = next.with(owner, repository, id, upload -> {
      next.receive(upload, new ByteArrayInputStream(bytes("ef")), 2, size -> {});
      String sum = upload.incoming().finish();
      next.end(upload);
      return sum;
    });
    assertEquals(sha256(bytes("abcdef")), digest);
    Uploads third = new Uploads(blobs, config, vertx);
    third.onStart(new StartupEvent());
    assertThrows(IndexException.class, () -> third.with(owner, repository, id, Uploads.Upload::range), "it has ended");
  }

  @Test
  void whatARestartLeftExpires() {
    String id = idIn(begin());
    Uploads next = new Uploads(blobs, config, vertx);
    next.onStart(new StartupEvent());
    assertTrue(next.expire(Duration.ZERO) > 0);

    assertTrue(blobs.interrupted().stream().noneMatch(each -> each.id().equals(id)));
  }

  private static String idIn(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
