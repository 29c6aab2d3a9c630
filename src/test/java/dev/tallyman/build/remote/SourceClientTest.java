package dev.tallyman.build.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.build.Cancellation;
import dev.tallyman.build.SourceServer;
import dev.tallyman.distribution.Trust;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that hold up: whoever is slow in whatever way is given up after a set time. */
@QuarkusTest
@Timeout(60)
class SourceClientTest {
  @Inject Trust trust;

  private SourceClient client(Duration timeout, Duration silence) {
    SourceSettings settings = new Patience(timeout, silence);
    return new SourceClient(new SourceHosts(settings, trust), settings);
  }

  @Test
  void hostsThatAPatternNamesShareAClient() {
    SourceHosts hosts = new SourceHosts(new Patience(Duration.ofSeconds(1), Duration.ofSeconds(1)), trust);

    assertSame(hosts.clientFor(URI.create("http://127.0.0.1:1/")), hosts.clientFor(URI.create("http://127.0.0.1:2/")));
    assertNotSame(hosts.clientFor(URI.create("http://127.0.0.1:1/")), hosts.clientFor(URI.create("http://127.0.0.2:1/")));
  }

  private record Patience(Duration timeout, Duration silence) implements SourceSettings {
    @Override
    public Optional<List<String>> allowed() {
      return Optional.of(List.of("127.0.0.1:*"));
    }

    @Override
    public Duration connectTimeout() {
      return silence;
    }

    @Override
    public MemorySize leastPerMinute() {
      return new MemorySize(BigInteger.ONE);
    }

    @Override
    public MemorySize gitMax() {
      return new MemorySize(BigInteger.ONE);
    }

    @Override
    public int gitObjectsMax() {
      return 1;
    }
  }

  /** Says these bytes over and over, one at a time. @param first what it says before, once */
  private static ServerSocket trickle(String first, String again) throws IOException {
    ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    Thread thread = new Thread(() -> {
      try (Socket client = server.accept()) {
        client.getOutputStream().write(first.getBytes(StandardCharsets.US_ASCII));
        while (true) {
          for (byte each : again.getBytes(StandardCharsets.US_ASCII)) {
            client.getOutputStream().write(each);
            client.getOutputStream().flush();
            Thread.sleep(20);
          }
        }
      } catch (SocketException e) {
        // Given up, as it should be.
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    });
    thread.setDaemon(true);
    thread.start();
    return server;
  }

  private static void assertGivenUp(SourceClient client, ServerSocket server) {
    RemoteUrl url = RemoteUrl.parse("http://127.0.0.1:" + server.getLocalPort() + "/slow");
    TallymanException refusal = assertThrows(TallymanException.class, () -> {
      try (SourceAnswer answer = client.get(url, new Cancellation())) {
        answer.body().readAllBytes();
      }
    });
    assertEquals(ErrorKind.UNAVAILABLE, refusal.kind(), refusal.getMessage());
  }

  @Test
  void aHeadThatTrickles() throws IOException {
    try (ServerSocket server = trickle("HTTP/1.1 200 OK\r\n", "x: y\r\n")) {
      assertGivenUp(client(Duration.ofMinutes(5), Duration.ofSeconds(1)), server);
    }
  }

  @Test
  void aBodyThatTrickles() throws IOException {
    try (ServerSocket server = trickle("HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", "x")) {
      assertGivenUp(client(Duration.ofSeconds(2), Duration.ofSeconds(20)), server);
    }
  }

  @Test
  void aChunkWhoseLengthNeverComes() throws IOException {
    try (ServerSocket server = trickle("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "0")) {
      assertGivenUp(client(Duration.ofSeconds(2), Duration.ofSeconds(20)), server);
    }
  }

  @Test
  void chunksThatDoNotEnd() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread thread = new Thread(() -> {
        try (Socket client = server.accept()) {
          client.getInputStream().read();
          client.getOutputStream().write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
          throw new IllegalStateException(e);
        }
      });
      thread.setDaemon(true);
      thread.start();
      assertGivenUp(client(Duration.ofMinutes(5), Duration.ofSeconds(20)), server);
    }
  }

  @Test
  void oneThatSaysNothing() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertGivenUp(client(Duration.ofMinutes(5), Duration.ofSeconds(1)), server);
    }
  }

  @Test
  void oneThatIsQuickIsNot() throws IOException {
    try (SourceServer server = new SourceServer()) {
      server.serve("/x", "quick");
      SourceClient client = client(Duration.ofMinutes(5), Duration.ofSeconds(20));
      try (SourceAnswer answer = client.get(RemoteUrl.parse(server.url("/x")), new Cancellation())) {
        assertEquals("quick", new String(answer.body().readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void anEncryptedConnectionLeadsToNoPlainOne() {
    URI from = URI.create("https://example.org/a");
    assertEquals("https://example.org/b", SourceClient.target(from, "/b").toString());
    assertEquals("https://other.example.org/b", SourceClient.target(from, "//user:pw@other.example.org/b#x").toString());
    TallymanException refusal = assertThrows(TallymanException.class, () -> SourceClient.target(from, "http://example.org/b"));
    assertTrue(refusal.getMessage().contains("not encrypted"), refusal.getMessage());
  }
}
