package dev.tallyman.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fifty clients that want the same image cost the registry one download; the layer is held back until all of them are there. */
@QuarkusTest
@Timeout(120)
class SharedPullsTest {
  private static final int CLIENTS = 50;

  @Inject Distribution distribution;
  @Inject TestAccounts accounts;

  private final Map<String, byte[]> documents = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
  private final CountDownLatch everybodyIsThere = new CountDownLatch(CLIENTS);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final String path = "s" + UUID.randomUUID().toString().substring(0, 8) + "/box";
  private HttpServer registry;
  private String layerPath;
  private String configDigest;

  @BeforeEach
  void start() throws IOException {
    byte[] layer = layer();
    byte[] config =
        ("{\"architecture\":\"" + Platform.here().architecture() + "\",\"os\":\"linux\",\"config\":{\"Labels\":{\"of\":\"" + path + "\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\""
                + Manifest.digestOf(layer) + "\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    configDigest = Manifest.digestOf(config);
    layerPath = blob(layer);
    blob(config);
    documents.put(
        "/v2/" + path + "/manifests/1",
        ("{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + configDigest
                + "\",\"size\":" + config.length + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + Manifest.digestOf(layer) + "\",\"size\":"
                + layer.length + "}]}")
            .getBytes(StandardCharsets.UTF_8));
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.setExecutor(threads);
    registry.createContext("/", this::answer);
    registry.start();
  }

  /** A tar of one file whose content is this test's own, so that no other image has the layer. */
  private byte[] layer() {
    byte[] tar = new byte[512 + 512 + 1024];
    System.arraycopy("file".getBytes(StandardCharsets.US_ASCII), 0, tar, 0, 4);
    put(tar, 100, "0000644");
    put(tar, 108, "0000000");
    put(tar, 116, "0000000");
    put(tar, 124, "00000001000");
    put(tar, 136, "00000000000");
    put(tar, 156, "0");
    put(tar, 257, "ustar");
    put(tar, 263, "00");
    System.arraycopy(path.getBytes(StandardCharsets.UTF_8), 0, tar, 512, path.length());
    int sum = 8 * ' ';
    for (int i = 0; i < 512; i++) {
      sum += i >= 148 && i < 156 ? 0 : tar[i];
    }
    put(tar, 148, "%06o".formatted(sum));
    tar[155] = ' ';
    return tar;
  }

  private static void put(byte[] tar, int at, String text) {
    System.arraycopy(text.getBytes(StandardCharsets.US_ASCII), 0, tar, at, text.length());
  }

  private String blob(byte[] bytes) {
    String at = "/v2/" + path + "/blobs/" + Manifest.digestOf(bytes);
    documents.put(at, bytes);
    return at;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String what = exchange.getRequestURI().getPath();
    asked.computeIfAbsent(what, first -> new AtomicInteger()).incrementAndGet();
    try (exchange) {
      if (what.equals(layerPath) && !everybodyIsThere.await(60, TimeUnit.SECONDS)) {
        throw new IOException("not all clients came");
      }
      byte[] body = documents.get(what);
      if (body == null) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      exchange.getResponseHeaders().set("Content-Type", what.contains("/manifests/") ? Manifest.OCI_MANIFEST : "application/octet-stream");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @AfterEach
  void stop() {
    registry.stop(0);
    threads.shutdownNow();
  }

  /** Is there as soon as it is told anything, and hears every status. */
  private final class Client implements TransferProgress {
    private final Set<String> heard = ConcurrentHashMap.newKeySet();
    private final AtomicInteger messages = new AtomicInteger();

    @Override
    public void line(String text) {
      hear(text);
    }

    @Override
    public void status(String id, String status) {
      hear(status);
    }

    @Override
    public void bytes(String id, String status, long current, long total) {
      hear(status);
    }

    private void hear(String text) {
      heard.add(text);
      if (messages.getAndIncrement() == 0) {
        everybodyIsThere.countDown();
      }
    }
  }

  @Test
  void fiftyPullsAtOnceAreOneDownload() throws Exception {
    Caller caller = accounts.caller(Role.MEMBER);
    String name = "127.0.0.1:" + registry.getAddress().getPort() + "/" + path + ":1";
    List<Client> clients = new ArrayList<>();
    List<Future<Images.Image>> pulls = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      Client client = new Client();
      clients.add(client);
      pulls.add(threads.submit(() -> distribution.pull(caller, name, Platform.here(), Login.nobody(), client)));
    }

    Set<String> ids = new HashSet<>();
    for (Future<Images.Image> pull : pulls) {
      ids.add(pull.get(60, TimeUnit.SECONDS).id());
    }

    assertEquals(Set.of(configDigest), ids);
    assertTrue(asked.values().stream().allMatch(count -> count.get() == 1), asked::toString);
    assertEquals(1, asked.get(layerPath).get());
    for (Client client : clients) {
      assertTrue(client.heard.contains("Pull complete") && client.heard.contains("Status: Downloaded newer image for " + name), client.heard::toString);
    }
  }
}
