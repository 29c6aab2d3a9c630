package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.build.remote.SourceClient;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Proxy;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** T28: what servers may do to a build that fetches from them. The honest control is in the same test. */
@QuarkusTest
@Timeout(60)
class RemoteFilesTest {
  private static final long TEAM = 1;
  private static final String SUM = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"; // of hello

  @Inject RemoteFiles files;
  @Inject SourceClient client;
  @Inject BuildLimits limits;
  @Inject ContextStore contexts;
  @Inject FetchedLimits fetched;
  @TempDir Path folder;

  private SourceServer server;

  @BeforeEach
  void start() throws IOException {
    server = new SourceServer();
    server.serve("/hello.txt", "hello", "Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Found fetch(String url, String checksum) {
    Found found = files.file(RemoteUrl.parse(url), checksum, TEAM, new Cancellation());
    found.from().close();
    return found;
  }

  private String nameOf(String path) {
    return fetch(server.url(path), "").name();
  }

  private TallymanException refused(ErrorKind kind, String url) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> fetch(url, ""), url);
    assertEquals(kind, refusal.kind(), refusal.getMessage());
    return refusal;
  }

  @Test
  void aFileIsItsOwnersAndAsOldAsTheServerSays() throws IOException {
    Found found = files.file(RemoteUrl.parse(server.url("/hello.txt")), SUM, TEAM, new Cancellation());
    try (Context context = found.from()) {
      assertEquals("hello.txt", found.name());
      assertEquals("hello", new String(context.open(found.node()).readAllBytes(), StandardCharsets.UTF_8));
      assertEquals(0600, found.node().mode);
      assertEquals(Instant.parse("2015-10-21T07:28:00Z").getEpochSecond(), found.node().mtimeSeconds);
      assertEquals(SUM, "sha256:" + context.digest());
      assertTrue(found.isRemote());
    }
  }

  @Test
  void aChecksumIsHeld() {
    TallymanException wrong = assertThrows(TallymanException.class, () -> fetch(server.url("/hello.txt"), "sha256:" + "0".repeat(64)));
    assertTrue(wrong.getMessage().contains("digest mismatch") && wrong.getMessage().contains(SUM), wrong.getMessage());
    for (String none : List.of("sha256:short", "md5:" + "0".repeat(32), "0".repeat(64), "sha256:" + "0".repeat(65))) {
      assertThrows(StageBuild.Refused.class, () -> fetch(server.url("/hello.txt"), none), none);
    }
  }

  @Test
  void namesComeFromTheAddressOrTheServerAndAreOnlyNames() {
    server.serve("/", "x", "Content-Disposition", "attachment; filename=\"../../etc/passwd\"");
    server.serve("/dir/", "x");
    server.serve("/a b", "x");
    server.serve("/a/..", "x", "Content-Disposition", "attachment; filename=..");

    assertEquals("passwd", nameOf("/"));
    assertEquals("dir", nameOf("/dir/"));
    assertEquals("a b", nameOf("/a%20b"));
    assertEquals("__unnamed__", nameOf("/a/%2e%2e"));
  }

  @Test
  void addressesThatAreNotPublicAreNotAsked() {
    String port = ":" + server.port() + "/hello.txt";
    for (String host : List.of("localhost", "127.0.0.2", "[::1]", "[::ffff:127.0.0.2]", "2130706434", "0.0.0.0")) {
      TallymanException refusal = refused(ErrorKind.DENIED, "http://" + host + port);
      assertTrue(refusal.getMessage().contains("tallyman.build.sources.allowed"), refusal.getMessage());
    }
    for (String host : List.of("169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1", "100.100.100.200", "[fd00:ec2::254]", "168.63.129.16")) {
      refused(ErrorKind.DENIED, "http://" + host + "/latest/meta-data");
    }
    assertEquals(List.of(), server.asked);
  }

  @Test
  void redirectsAreFollowedToWhereTheyMayLead() throws IOException {
    server.redirect("/moved", "/hello.txt");
    assertEquals("moved", fetch(server.url("/moved"), SUM).name());
    server.asked.clear();

    server.redirect("/loop", "/loop");
    refused(ErrorKind.INVALID, server.url("/loop"));
    assertEquals(11, server.asked.size());
    for (String target : List.of(
        "http://169.254.169.254/latest/meta-data", "http://localhost:" + server.port() + "/hello.txt", "http://[::1]:" + server.port() + "/hello.txt", "file:///etc/passwd", "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/", "http:///x", "not an address")) {
      server.redirect("/away", target);
      server.asked.clear();
      refused(ErrorKind.DENIED, server.url("/away"));
      assertEquals(1, server.asked.size(), target);
    }
  }

  @Test
  void credentialsStayWithTheHostTheyAreFor() throws IOException {
    try (SourceServer other = new SourceServer()) {
      other.serve("/hello.txt", "hello");
      server.redirect("/own", "/hello.txt");
      server.redirect("/other", other.url("/hello.txt"));
      String own = "http://rita:s%40cret@127.0.0.1:" + server.port();

      fetch(own + "/own", "");
      fetch(own + "/other", "");

      String basic = "Basic cml0YTpzQGNyZXQ=";
      assertEquals(List.of("GET /own " + basic, "GET /hello.txt " + basic, "GET /other " + basic), server.asked);
      assertEquals(List.of("GET /hello.txt null"), other.asked);
      assertFalse(refused(ErrorKind.INVALID, own + "/none").getMessage().contains("cret"));
    }
  }

  @Test
  void whatIsNoAddressIsNotRepeated() {
    for (String bad : List.of("http://user:pass word@host/x", "http://u:secret@/x", "http://u:secret@host:0/x", "http://u:secret@ho st/x", "http://u:sec|ret@host/x")) {
      TallymanException refusal = assertThrows(TallymanException.class, () -> RemoteUrl.parse(bad), bad);
      assertFalse(refusal.getMessage().contains("sec") || refusal.getMessage().contains("pass"), refusal.getMessage());
    }
  }

  @Test
  void aBodyThatIsShorterThanItsLengthIsNoFile() {
    server.answer("/lie", exchange -> {
      exchange.sendResponseHeaders(200, 1000);
      exchange.getResponseBody().write(new byte[10]);
      exchange.getResponseBody().flush();
      throw new IOException("the connection breaks");
    });

    refused(ErrorKind.UNAVAILABLE, server.url("/lie"));
  }

  @Test
  void anEndlessBodyIsCut() {
    server.answer("/endless", exchange -> {
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      while (true) {
        out.write(new byte[1 << 16]);
      }
    });
    BuildLimits small =
        (BuildLimits) Proxy.newProxyInstance(
            BuildLimits.class.getClassLoader(), new Class<?>[] {BuildLimits.class},
            (self, method, given) -> method.getName().equals("contextMax") ? new MemorySize(BigInteger.valueOf(1 << 20)) : method.invoke(limits, given));
    RemoteFiles bounded = new RemoteFiles(client, new ContextIntake(folder, small, contexts), new RemoteCopies(folder, fetched));

    TallymanException refusal =
        assertThrows(TallymanException.class, () -> bounded.file(RemoteUrl.parse(server.url("/endless")), "", TEAM, new Cancellation()));
    assertEquals(ErrorKind.EXHAUSTED, refusal.kind(), refusal.getMessage());
    bounded.file(RemoteUrl.parse(server.url("/hello.txt")), "", TEAM, new Cancellation()).from().close();
  }

  @Test
  void whoWaitsForNothingMayLeave() {
    Cancellation cancellation = new Cancellation();
    server.answer("/silent", exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(1);
      exchange.getResponseBody().flush();
      cancellation.cancel();
      exchange.getRequestBody().readAllBytes();
      try {
        Thread.sleep(60_000);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });

    TallymanException refusal = assertThrows(TallymanException.class, () -> files.file(RemoteUrl.parse(server.url("/silent")), "", TEAM, cancellation));
    assertEquals(ErrorKind.CONFLICT, refusal.kind(), refusal.getMessage());
  }
}
