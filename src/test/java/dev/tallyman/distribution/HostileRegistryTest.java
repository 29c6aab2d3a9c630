package dev.tallyman.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T26: a registry that lies, points elsewhere or holds up gets nothing; the honest control beside it works. */
@QuarkusTest
@Timeout(30)
class HostileRegistryTest {
  private static final Login RITA = new Login("rita", "secret", "");

  @Inject Distribution distribution;
  @Inject Images images;
  @Inject TestAccounts accounts;
  @Inject DataSource source;

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  /** Method, path and Authorization of every request to the registry, and to a second server that it may point to. */
  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private final List<String> elsewhere = Collections.synchronizedList(new ArrayList<>());
  private HttpServer registry;
  private HttpServer other;
  private Caller caller;
  private byte[] layer;
  private byte[] config;
  private String path;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    caller = accounts.caller(Role.MEMBER);
    registry = server(asked);
    other = server(elsewhere);
    path = "t" + UUID.randomUUID().toString().substring(0, 8) + "/box";
    layer = tar(path);
    config = ("{\"architecture\":\"" + Platform.here().architecture() + "\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Manifest.digestOf(layer) + "\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    serve(config);
    serve(layer);
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length));
  }

  @AfterEach
  void stop() {
    registry.stop(0);
    other.stop(0);
  }

  private HttpServer server(List<String> requests) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext(
        "/",
        exchange -> {
          requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Authorization"));
          try (exchange) {
            answers.getOrDefault(exchange.getRequestURI().getPath(), unknown -> unknown.sendResponseHeaders(404, -1)).to(exchange);
          }
        });
    server.start();
    return server;
  }

  private static byte[] tar(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      byte[] content = text.repeat(1000).getBytes(StandardCharsets.UTF_8);
      TarArchiveEntry entry = new TarArchiveEntry("file");
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private void serve(byte[] blob) {
    answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(blob), exchange -> send(exchange, 200, blob));
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }

  private Answer manifest(long layerSize) {
    String text =
        "{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + Manifest.digestOf(config)
            + "\",\"size\":" + config.length + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + Manifest.digestOf(layer) + "\",\"size\":" + layerSize
            + ",\"urls\":[\"http://127.0.0.1:" + other.getAddress().getPort() + "/urls\"]}]}";
    return exchange -> {
      exchange.getResponseHeaders().set("Content-Type", Manifest.OCI_MANIFEST);
      send(exchange, 200, text.getBytes(StandardCharsets.UTF_8));
    };
  }

  private String name() {
    return "127.0.0.1:" + registry.getAddress().getPort() + "/" + path;
  }

  private Images.Image pull(Login login) {
    return distribution.pull(caller, name() + ":1", Platform.here(), login, TransferProgress.silent());
  }

  private TallymanException refused() {
    TallymanException e = assertThrows(TallymanException.class, () -> pull(RITA));
    TallymanException absent = assertThrows(TallymanException.class, () -> images.inspect(caller, name() + ":1"));
    assertEquals(ErrorKind.NOT_FOUND, absent.kind());
    return e;
  }

  private void redirect(String path, String target) {
    answers.put(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", target);
          exchange.sendResponseHeaders(307, -1);
        });
  }

  @Test
  void anHonestOneIsPulledFrom() {
    Images.Image image = pull(Login.nobody());

    assertEquals(Manifest.digestOf(config), image.id());
    assertTrue(image.repoDigests().get(0).startsWith(name() + "@sha256:"));
    assertEquals(List.of(), elsewhere, "the urls of layers are never asked");
  }

  @Test
  void aRealmElsewhereGetsNoCredentials() {
    Answer honest = answers.get("/v2/" + path + "/manifests/1");
    answers.put(
        "/v2/" + path + "/manifests/1",
        exchange -> {
          if ("Bearer tok".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            honest.to(exchange);
            return;
          }
          exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"http://127.0.0.1:" + other.getAddress().getPort() + "/token\",service=\"x\"");
          exchange.sendResponseHeaders(401, -1);
        });
    answers.put("/token", exchange -> send(exchange, 200, "{\"token\":\"tok\"}".getBytes(StandardCharsets.UTF_8)));

    refused();
    assertEquals(List.of(), elsewhere, "a private address that only the registry named is not asked at all");

    answers.put(
        "/v2/" + path + "/manifests/1",
        exchange -> {
          if ("Bearer tok".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            honest.to(exchange);
            return;
          }
          exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"http://127.0.0.1:" + registry.getAddress().getPort() + "/token\",service=\"x\"");
          exchange.sendResponseHeaders(401, -1);
        });
    pull(RITA);
    assertTrue(asked.stream().anyMatch(each -> each.startsWith("GET /token?service=x&scope=repository%3A") && each.endsWith(RITA.basic())), asked::toString);
    assertTrue(asked.stream().filter(each -> each.contains("/blobs/")).allMatch(each -> each.endsWith("Bearer tok")), asked::toString);
  }

  @Test
  void redirectsIntoPrivateNetworksAreNotFollowed() {
    String blob = "/v2/" + path + "/blobs/" + Manifest.digestOf(layer);
    for (String target :
        List.of(
            "http://127.0.0.1:" + other.getAddress().getPort() + "/x", "http://localhost:" + other.getAddress().getPort() + "/x", "http://169.254.169.254/latest/meta-data",
            "http://[::1]:" + other.getAddress().getPort() + "/x", "http://10.0.0.1/x", "file:///etc/passwd", "http://user:pw@127.0.0.1/x", "http://0.0.0.0/x", "gopher://x/", "//")) {
      redirect(blob, target);
      refused();
    }
    assertEquals(List.of(), elsewhere);

    redirect(blob, "/storage/layer");
    answers.put("/storage/layer", exchange -> send(exchange, 200, layer));
    pull(RITA);
  }

  @Test
  void circlesEnd() {
    redirect("/v2/" + path + "/manifests/1", "/v2/" + path + "/manifests/1");

    assertTrue(String.valueOf(refused().getMessage()).contains("in circles"));
  }

  @Test
  void liesAboutSizesAndDigestsAreFound() {
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length - 1L));
    refused();
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length + 1L));
    refused();
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length));
    byte[] changed = layer.clone();
    changed[600] ^= 1;
    answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(layer), exchange -> send(exchange, 200, changed));
    assertEquals(ErrorKind.INVALID, refused().kind());
    serve(layer);
    byte[] otherConfig = config.clone();
    otherConfig[otherConfig.length - 1] = ' ';
    answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(config), exchange -> send(exchange, 200, otherConfig));
    refused();
    serve(config);
    pull(RITA);
  }

  @Test
  void endlessDocumentsAreCutOff() {
    answers.put("/v2/" + path + "/manifests/1", HostileRegistryTest::endless);
    refused();
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length));
    answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(config), HostileRegistryTest::endless);
    refused();
  }

  /** Who has heard enough goes: nothing reads the rest, however slowly it comes. */
  @Test
  void whatIsNotWantedAnyMoreIsCutOff() throws InterruptedException {
    byte[] junk = new byte[100_000];
    Arrays.fill(junk, (byte) 0xff); // no kind of block
    System.arraycopy(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0}, 0, junk, 0, 10);
    answers.put("/v2/" + path + "/manifests/1", manifest(100_000_000));
    for (long length : new long[] {100_000_000, 0}) {
      CountDownLatch left = new CountDownLatch(1);
      answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(layer), exchange -> trickle(exchange, 200, length, junk, left));
      refused();
      assertTrue(left.await(20, TimeUnit.SECONDS), "the layer's connection ends");
    }
    answers.put("/v2/" + path + "/manifests/1", manifest(layer.length));
    serve(layer);
    for (int status : new int[] {401, 307, 404, 503}) {
      CountDownLatch left = new CountDownLatch(1);
      answers.put("/v2/" + path + "/manifests/1", exchange -> trickle(exchange, status, 0, new byte[8 << 20], left));
      refused();
      assertTrue(left.await(20, TimeUnit.SECONDS), "the connection of an answer " + status + " ends");
    }
  }

  /** Goes on for as long as somebody listens. @param length announced; 0 = none */
  private static void trickle(HttpExchange exchange, int status, long length, byte[] first, CountDownLatch left) throws IOException {
    exchange.getResponseHeaders().set("Location", "http://10.0.0.1/x");
    exchange.sendResponseHeaders(status, length);
    OutputStream out = exchange.getResponseBody();
    try {
      out.write(first);
      for (int i = 0; i < 1_000; i++) {
        out.write(' ');
        out.flush();
        Thread.sleep(100);
      }
    } catch (IOException e) {
      left.countDown();
      throw e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void endless(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", Manifest.OCI_MANIFEST);
    exchange.sendResponseHeaders(200, 0);
    byte[] piece = " ".repeat(1 << 16).getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 10_000; i++) {
      exchange.getResponseBody().write(piece);
    }
  }

  @Test
  void aBrokenConnectionIsTakenUpWhereItBroke() {
    answers.put(
        "/v2/" + path + "/blobs/" + Manifest.digestOf(layer),
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
          int until = Math.min(layer.length, from + layer.length / 3 + 1);
          exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (layer.length - 1) + "/" + layer.length);
          exchange.sendResponseHeaders(range == null ? 200 : 206, layer.length - from);
          OutputStream out = exchange.getResponseBody();
          out.write(layer, from, until - from);
          out.flush();
          if (until < layer.length) {
            throw new IOException("the line breaks here");
          }
        });

    assertEquals(Manifest.digestOf(config), pull(RITA).id());
    assertTrue(asked.stream().filter(each -> each.contains(Manifest.digestOf(layer))).count() >= 3);
  }

  @Test
  void aLayerOfOthersIsNotGivenForItsDigest() {
    pull(Login.nobody());
    Caller stranger = ofAnotherTeam();
    answers.put("/v2/" + path + "/blobs/" + Manifest.digestOf(layer), exchange -> exchange.sendResponseHeaders(404, -1));

    assertThrows(TallymanException.class, () -> distribution.pull(stranger, name() + ":1", Platform.here(), Login.nobody(), TransferProgress.silent()));
    assertFalse(images.list(stranger, Images.ImageFilter.all()).stream().anyMatch(each -> each.id().equals(Manifest.digestOf(config))));
  }

  private Caller ofAnotherTeam() {
    long team = 7001;
    String name = "registry-others";
    try (Connection connection = source.getConnection(); Statement statement = connection.createStatement()) {
      statement.executeUpdate("merge into teams (id, name) key (id) values (" + team + ", '" + name + "')");
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    Caller own = accounts.caller(Role.MEMBER);
    return new Caller(own.account(), own.accountName(), own.role(), team, name, own.way(), null, own.origin());
  }

  @Test
  void viewersMayNot() {
    Caller viewer = accounts.caller(Role.VIEWER);

    TallymanException e = assertThrows(TallymanException.class, () -> distribution.pull(viewer, name() + ":1", Platform.here(), Login.nobody(), TransferProgress.silent()));

    assertEquals(ErrorKind.DENIED, e.kind());
    assertEquals(List.of(), asked);
  }
}
