package dev.tallyman.build;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tallyman.audit.AuditTrail;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.config.EncoderConfig;
import io.restassured.config.RestAssuredConfig;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class BuildResourceTest {
  private static final String PATH = "/api/v1/images/build";
  private static final ObjectMapper JSON = new ObjectMapper();

  @Inject TestAccounts accounts;
  @Inject Images images;
  @Inject Builds builds;
  @Inject AuditTrail audit;

  private final String name = "b" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;

  @BeforeEach
  void start() {
    member = accounts.caller(Role.MEMBER);
  }

  static byte[] context(String file, String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] content = text.getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry(file);
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private static RequestSpecification upload(byte[] body) {
    return given().config(RestAssuredConfig.config().encoderConfig(EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false)))
        .contentType("application/x-tar").body(body);
  }

  private RequestSpecification build(Caller who, String dockerfile) throws IOException {
    return upload(context("Dockerfile", dockerfile)).header("Authorization", "Bearer " + accounts.tokenOf(who));
  }

  private static List<JsonNode> lines(Response answer) throws IOException {
    assertEquals(200, answer.statusCode(), answer.asString());
    List<JsonNode> lines = new ArrayList<>();
    for (String line : answer.asString().split("\n")) {
      lines.add(JSON.readTree(line));
    }
    return lines;
  }

  private static String text(List<JsonNode> lines) {
    StringBuilder all = new StringBuilder();
    lines.forEach(line -> all.append(line.path("stream").asText("")));
    return all.toString();
  }

  @Test
  void refusesSecretsThatTheTeamDoesNotHave() throws IOException {
    build(member, "FROM scratch\nLABEL a=b\n").queryParam("secret", "key=none-" + name).post(PATH).then().statusCode(400).body("detail", containsString("secret not found: none-" + name));
    build(member, "FROM scratch\nLABEL a=b\n").queryParam("secret", "=x").post(PATH).then().statusCode(400).body("detail", containsString("must have the form id"));
  }

  @Test
  void refusesToPruneATypeThatIsNone() {
    given().header("Authorization", "Bearer " + accounts.tokenOf(member)).queryParam("type", "internal").post(PATH + "/cache/prune").then().statusCode(400)
        .body("detail", containsString("exec.cachemount"));
  }

  @Test
  void buildsAndTellsHowItGoes() throws IOException {
    Response answer = build(member, "ARG V=1\nFROM scratch\nARG V\nLABEL version=$V\n").queryParam("reference", name + ":1").queryParam("argument", "V=7").queryParam("label", "by=rest").post(PATH);
    List<JsonNode> lines = lines(answer);

    assertTrue(answer.contentType().startsWith("application/x-ndjson"), answer.contentType());
    assertTrue(text(lines).contains(" : LABEL version="), text(lines));
    String id = lines.stream().map(line -> line.path("aux").path("ID").asText("")).filter(each -> !each.isEmpty()).findFirst().orElseThrow();
    Images.Image made = images.inspect(member, name + ":1");
    assertEquals(id, made.id());
    assertEquals("7", made.config().labels().get("version"));
    assertEquals("rest", made.config().labels().get("by"));
  }

  private String made(byte[] context, String... arguments) throws IOException {
    RequestSpecification request = upload(context).header("Authorization", "Bearer " + accounts.tokenOf(member)).queryParam("noCache", true);
    for (String each : arguments) {
      request = request.queryParam("argument", each);
    }
    List<JsonNode> lines = lines(request.post(PATH));
    return lines.stream().map(line -> line.path("aux").path("ID").asText("")).filter(each -> !each.isEmpty()).findFirst().orElseThrow(() -> new AssertionError(lines.toString()));
  }

  private static byte[] contextOf(String dockerfile, long mtimeSeconds) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (String file : List.of("Dockerfile", "d/one", "d/two")) {
        byte[] content = (file.equals("Dockerfile") ? dockerfile : file).getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(file);
        entry.setSize(content.length);
        entry.setModTime(mtimeSeconds * 1000);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void givesTheSameImageForTheSameInputWithASourceDate() throws IOException {
    String text = "FROM scratch\nLABEL of=" + name + "\nCOPY d /d\nWORKDIR /made\n";

    String first = made(contextOf(text, 1_700_000_000), "SOURCE_DATE_EPOCH=1600000000");

    assertEquals(first, made(contextOf(text, 1_710_000_000), "SOURCE_DATE_EPOCH=1600000000"));
    assertEquals(Instant.ofEpochSecond(1_600_000_000), images.inspect(member, first).createdAt());
    assertNotEquals(first, made(contextOf(text, 1_710_000_000), "SOURCE_DATE_EPOCH=1600000001"));
    assertNotEquals(first, made(contextOf(text, 1_500_000_000), "SOURCE_DATE_EPOCH=1600000000"));
    assertEquals(first, made(contextOf("ARG SOURCE_DATE_EPOCH=1600000000\n" + text, 1_720_000_000)));
    build(member, "FROM scratch\nLABEL a=b\n").queryParam("argument", "SOURCE_DATE_EPOCH=yesterday").post(PATH).then().statusCode(400).body("detail", containsString("SOURCE_DATE_EPOCH"));
  }

  @Test
  void takesAnotherFileAndAStage() throws IOException {
    String text = "FROM scratch AS one\nLABEL stage=one\nFROM scratch\nLABEL stage=two\n";
    Response answer =
        upload(context("docker/App", text)).header("Authorization", "Bearer " + accounts.tokenOf(member)).queryParam("dockerfile", "docker/App").queryParam("target", "one")
            .queryParam("reference", name + ":2").queryParam("noCache", true).post(PATH);

    lines(answer);
    assertEquals("one", images.inspect(member, name + ":2").config().labels().get("stage"));
  }

  @Test
  void refusesBeforeTheFirstLineWithAStatus() throws IOException {
    build(member, "FROM scratch\nCOYP a b\n").post(PATH).then().statusCode(400).body("detail", containsString("dockerfile parse error on line 2: unknown instruction: COYP"));
    build(member, "FROM scratch\n").queryParam("argument", "novalue").post(PATH).then().statusCode(400).body("detail", containsString("must have the form NAME=value"));
    build(member, "FROM scratch\n").queryParam("dockerfile", "missing").post(PATH).then().statusCode(400).body("detail", containsString("missing"));
    build(member, "FROM scratch\n").queryParam("reference", "NOT A NAME").post(PATH).then().statusCode(400);
    upload("this is no tar".getBytes(StandardCharsets.UTF_8)).header("Authorization", "Bearer " + accounts.tokenOf(member)).post(PATH).then().statusCode(400);
  }

  @Test
  void viewersAndNobodyBuildNothing() throws IOException {
    build(accounts.caller(Role.VIEWER), "FROM scratch\nLABEL a=b\n").queryParam("reference", name + ":3").post(PATH).then().statusCode(403);
    upload(context("Dockerfile", "FROM scratch\n")).post(PATH).then().statusCode(401);

    assertTrue(images.list(member, Images.ImageFilter.all()).stream().noneMatch(image -> image.tags().contains(name + ":3")));
  }

  private List<Builds.CachedStep> cached() {
    return builds.cache(member).stream().filter(each -> each.description().contains(name)).toList();
  }

  private RequestSpecification rest(Caller who) {
    return given().header("Authorization", "Bearer " + accounts.tokenOf(who));
  }

  @Test
  void forgetsStepsThatNobodyNeeds() throws IOException {
    lines(build(member, "FROM scratch\nLABEL step=" + name + "\n").post(PATH));
    rest(member).get(PATH + "/cache").then().statusCode(200).body("findAll { it.description.contains('" + name + "') }.isInUse", equalTo(List.of(false)));

    for (String query : List.of("usedBefore=yesterday", "keepBytes=-1", "keepBytes=much")) {
      assertTrue(rest(member).post(PATH + "/cache/prune?" + query).statusCode() >= 400, query);
    }
    rest(member).post(PATH + "/cache/prune?usedBefore=2000-01-01T00:00:00Z").then().statusCode(200);
    rest(accounts.caller(Role.VIEWER)).post(PATH + "/cache/prune").then().statusCode(403);
    assertEquals(1, cached().size());
    rest(member).post(PATH + "/cache/prune").then().statusCode(200).body("ids.size()", greaterThan(0));

    assertEquals(List.of(), cached());
  }

  @Test
  void thePageOfTheSystemForgetsThemToo() throws IOException {
    lines(build(member, "FROM scratch\nLABEL step=" + name + "\n").post(PATH));
    Visitor visitor = Visitor.with(accounts.sessionOf(member));
    Document page = visitor.page("/ui/system/disk");
    assertTrue(page.selectFirst("#cache tr:contains(" + name + ")").text().contains("would go"), page.text());
    String before = page.selectFirst("#cache form input[name=before]").val();

    assertNotNull(visitor.postAndFollow("/ui/system/prune/cache", "before", "soon").selectFirst(".notice.bad"));
    visitor.postAndFollow("/ui/system/prune/cache", "before", "2000-01-01T00:00:00Z");
    assertEquals(1, cached().size(), "used since");
    assertTrue(visitor.postAndFollow("/ui/system/prune/cache", "before", before).selectFirst(".notice.good").text().contains("forgotten"));

    assertEquals(List.of(), cached());
    assertTrue(audit.list(member, AuditTrail.AuditFilter.newest(50)).stream().anyMatch(each -> each.action().equals("image.build-prune") && each.way().equals("browser")));
  }

  @Test
  void aPageBuildsWithTheFormsToken() throws IOException {
    Visitor visitor = Visitor.with(accounts.sessionOf(member));
    String path = "/ui/images/dockerfile/build?reference=" + name + ":4&argument=A%3D1&noCache=true";
    byte[] context = context("Dockerfile", "FROM scratch\nARG A\nLABEL a=$A\n");
    RequestSpecification right = visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body(context);
    RequestSpecification wrong = visitor.request().header("X-Form-Token", "wrong").header("HX-Request", "true").contentType("application/octet-stream").body(context);

    assertEquals(403, wrong.post(path).statusCode());
    lines(right.post(path));
    assertEquals("1", images.inspect(member, name + ":4").config().labels().get("a"));
  }
}
