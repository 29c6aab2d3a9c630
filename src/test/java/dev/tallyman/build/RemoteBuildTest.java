package dev.tallyman.build;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.dashboard.Visitor;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.secret.Secrets;
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
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.eclipse.jgit.lib.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Builds whose files lie elsewhere, by REST and by the page, from the request to the image, its history, the cache and the audit trail. */
@QuarkusTest
@Timeout(60)
class RemoteBuildTest {
  private static final String PATH = "/api/v1/images/build";

  @Inject TestAccounts accounts;
  @Inject Images images;
  @Inject AuditTrail audit;
  @Inject Secrets secrets;

  private final String name = "r" + UUID.randomUUID().toString().substring(0, 8);
  private SourceServer server;
  private GitServer git;
  private Caller member;

  @BeforeEach
  void start() throws IOException {
    member = accounts.caller(Role.MEMBER);
    server = new SourceServer();
    git = new GitServer(server, "/box.git");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private RequestSpecification request(byte[] body) {
    return given().config(RestAssuredConfig.config().encoderConfig(EncoderConfig.encoderConfig().appendDefaultContentCharsetToContentTypeIfUndefined(false)))
        .contentType("application/x-tar").header("Authorization", "Bearer " + accounts.tokenOf(member)).queryParam("reference", name).body(body);
  }

  private String build(String dockerfile) throws IOException {
    return request(BuildResourceTest.context("Dockerfile", dockerfile)).post(PATH).asString();
  }

  private Response remote(String address) {
    return request(new byte[0]).queryParam("remote", address).post(PATH);
  }

  private String built(String address) {
    Response answer = remote(address);
    assertTrue(answer.statusCode() == 200 && answer.asString().contains("Successfully built"), answer.asString());
    return answer.asString();
  }

  private String label(String label) {
    return images.inspect(member, name).config().labels().get(label);
  }

  private String lastAudit() {
    return audit.list(member, AuditTrail.AuditFilter.newest(20)).stream().filter(each -> each.action().equals("image.build") && each.object().equals(name)).findFirst().orElseThrow().toString();
  }

  private String history() {
    return images.history(member, name).toString();
  }

  private String withUser(String path) {
    return "http://rita:s3cret@127.0.0.1:" + server.port() + path;
  }

  @Test
  void anAddedFileIsInTheImageAndNamedInTheTrail() throws IOException {
    server.serve("/hello.txt", "hello " + name);
    String digest = HexFormat.of().formatHex(Context.sha256().digest(("hello " + name).getBytes(StandardCharsets.UTF_8)));
    String dockerfile = "FROM scratch\nADD --chmod=0644 --checksum=sha256:" + digest + " " + withUser("/hello.txt") + " /\n";

    String first = build(dockerfile);
    assertTrue(first.contains("Successfully built"), first);
    assertTrue(history().contains("ADD --chmod=0644 " + server.url("/hello.txt") + " /"), history());
    assertTrue(lastAudit().contains(server.url("/hello.txt") + " sha256:" + digest), lastAudit());
    assertEquals("GET /hello.txt Basic cml0YTpzM2NyZXQ=", server.asked.get(0));
    String second = build(dockerfile);
    assertTrue(second.contains("Using cache"), second);
    for (String text : List.of(first, second, history(), lastAudit())) {
      assertFalse(text.contains("s3cret"), text);
    }

    server.serve("/hello.txt", "changed");
    assertTrue(build(dockerfile).contains("digest mismatch"));
    String anew = build("FROM scratch\nADD " + server.url("/hello.txt") + " /\n");
    assertFalse(anew.contains("Using cache"), anew);
  }

  @Test
  void secretsOpenWhatIsNotPublic() throws IOException {
    secrets.create(accounts.caller(Role.ADMINISTRATOR), name, "s3cret".getBytes(StandardCharsets.UTF_8), Map.of());
    server.serve("/hello.txt", "hello " + name);
    server.redirect("/away", "http://localhost:" + server.port() + "/hello.txt");
    String id = "HTTP_AUTH_TOKEN_127.0.0.1:" + server.port();

    String file = request(BuildResourceTest.context("Dockerfile", "FROM scratch\nADD " + server.url("/hello.txt") + " /\n")).queryParam("secret", id + "=" + name).post(PATH).asString();
    assertTrue(file.contains("Successfully built"), file);
    assertEquals(List.of("GET /hello.txt Bearer s3cret"), server.asked);

    server.asked.clear();
    request(BuildResourceTest.context("Dockerfile", "FROM scratch\nADD " + server.url("/away") + " /\n")).queryParam("secret", id + "=" + name).post(PATH).asString();
    assertTrue(server.asked.stream().noneMatch(each -> each.contains("hello.txt Bearer")), "another host: " + server.asked);

    server.asked.clear();
    git.commit("master", git.tree(Map.of("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n")));
    String repository = request(new byte[0]).queryParam("remote", git.url()).queryParam("secret", "GIT_AUTH_TOKEN=" + name).post(PATH).asString();
    assertTrue(repository.contains("Successfully built"), repository);
    String basic = "Basic " + Base64.getEncoder().encodeToString("x-access-token:s3cret".getBytes(StandardCharsets.UTF_8));
    assertTrue(!server.asked.isEmpty() && server.asked.stream().allMatch(each -> each.endsWith(basic)), server.asked.toString());
    for (String text : List.of(file, repository, history(), lastAudit())) {
      assertFalse(text.contains("s3cret") || text.contains(basic), text);
    }
    secrets.remove(accounts.caller(Role.ADMINISTRATOR), name);
  }

  @Test
  void credentialsAreInNoRefusal() throws IOException {
    for (String line : List.of("ADD " + withUser("/none") + " /\n", "ADD --bad " + withUser("/x") + " /\n", "ADD ssh://rita:s3cret@host/x /\n", "ARG U=" + withUser("/none") + "\nADD $U /\n",
        "ADD --checksum=x " + withUser("/x") + " /\n", "ADD " + withUser("/box.git#..") + " /\n", "ADD http://rita:s3cret@host:99999/x /\n")) {
      String answer = build("FROM scratch\n" + line);
      assertFalse(answer.contains("Successfully") || answer.contains("s3cret"), answer);
      assertFalse(lastAudit().contains("s3cret"), lastAudit());
    }
    assertFalse(remote(withUser("/none.git")).asString().contains("s3cret"));
    assertFalse(lastAudit().contains("s3cret"), lastAudit());
  }

  @Test
  void whatMakesNoSenseIsRefusedWithItsPlace() throws IOException {
    server.serve("/a", "a");
    String sum = " --checksum=sha256:" + "0".repeat(64) + " ";
    Map<String, String> wrong = Map.of(
        "COPY http://rita:s3cret@127.0.0.1/x /", "can't be a URL for COPY", "ADD git@github.com:a/b.git /x/", "http and https only", "ADD ext::sh /x/", "http and https only", "ADD" + sum + server.url("/a") + " " + server.url("/b") + " /x/", "multiple sources",
        "ADD" + sum + "Dockerfile /", "requires HTTP(S) or Git sources", "ADD --keep-git-dir=true Dockerfile /", "requires a Git source", "ADD --keep-git-dir=true " + git.url() + "#:x /", "whole repository only",
        "ADD --checksum=sha256:0 " + server.url("/a") + " /", "64 hexadecimal digits", "ADD " + git.url() + "#--upload-pack=x /", "invalid git ref");
    for (Map.Entry<String, String> each : wrong.entrySet()) {
      String answer = build("FROM scratch\n" + each.getKey() + "\n");
      assertTrue(answer.contains(each.getValue()), each.getKey() + ": " + answer);
    }
  }

  @Test
  void anArchiveIsUnpackedIfAsked() throws IOException {
    server.serve("/packed.tar", BuildResourceTest.context("inside.txt", "inside"));

    assertTrue(build("FROM scratch\nADD " + server.url("/packed.tar") + " /\n").contains("Successfully built"));
    String plain = images.inspect(member, name).layers().toString();
    assertTrue(build("FROM scratch\nADD --unpack=true " + server.url("/packed.tar") + " /\n").contains("Successfully built"));
    assertFalse(plain.equals(images.inspect(member, name).layers().toString()));
    assertTrue(history().contains("ADD http"), history());
  }

  @Test
  void aRepositoryIsAddedByItsCommit() throws IOException {
    ObjectId commit = git.commit("master", git.tree(Map.of("file", name)));
    String right = "FROM scratch\nADD --checksum=" + commit.name().substring(0, 9) + " " + withUser("/box.git#master") + " /src\n";

    assertTrue(build(right).contains("Successfully built"));
    assertTrue(build(right).contains("Using cache"));
    assertTrue(lastAudit().contains(git.url() + "#master commit " + commit.name()), lastAudit());
    assertFalse(lastAudit().contains("s3cret") || history().contains("s3cret"));
    assertTrue(build("FROM scratch\nADD --checksum=0123456 " + git.url() + " /src\n").contains("digest mismatch"));
  }

  @Test
  void aContextIsAnArchiveADockerfileOrARepository() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(BuildResourceTest.context("Dockerfile", "FROM scratch\nLABEL from=archive\n"));
    }
    server.serve("/c.tar.gz", packed.toByteArray());
    server.serve("/Dockerfile", "FROM scratch\nLABEL from=text\n");
    server.serve("/noise", new byte[] {1, 2, 0, (byte) 0xff});
    ObjectId below = git.tree(Map.of("Dockerfile", "FROM scratch\nLABEL from=repository\nCOPY . /\n", ".dockerignore", "secret\n"));
    ObjectId commit = git.commit("master", git.tree(Map.of("web/", below.name())));

    built(server.url("/c.tar.gz"));
    assertEquals("archive", label("from"));
    built(server.url("/Dockerfile"));
    assertEquals("text", label("from"));
    String answer = built(withUser("/box.git#master:web"));
    assertEquals("repository", label("from"));
    assertTrue(answer.contains(commit.name()) && lastAudit().contains(git.url() + "#master:web commit " + commit.name()), answer + lastAudit());
    assertFalse((answer + lastAudit()).contains("s3cret"));
    remote(server.url("/noise")).then().statusCode(400);
    remote(server.url("/none")).then().statusCode(400);
    remote("http://169.254.169.254/latest").then().statusCode(403);
    remote("file:///etc/passwd").then().statusCode(501);
  }

  @Test
  void thePageTakesAnAddress() throws IOException {
    server.serve("/Dockerfile", "FROM scratch\nLABEL from=page\n");
    Visitor visitor = Visitor.with(accounts.sessionOf(member));
    assertTrue(visitor.page("/ui/images/dockerfile").selectFirst("input[name=remote]") != null);

    visitor.request().header("X-Form-Token", visitor.token()).header("HX-Request", "true").contentType("application/octet-stream").body(new byte[0])
        .post("/ui/images/dockerfile/build?reference=" + name + "&remote=" + server.url("/Dockerfile").replace(":", "%3A")).then().statusCode(200);

    assertEquals("page", label("from"));
  }
}
