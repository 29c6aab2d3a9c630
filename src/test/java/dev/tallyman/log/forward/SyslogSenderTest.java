package dev.tallyman.log.forward;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.ZoneId;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receivers on loopback, over each transport. */
class SyslogSenderTest {
  private static final SyslogFormat FORMAT = new SyslogFormat("rfc5424", "", "box", "tag", 7, ZoneId.of("UTC"));
  private static final List<Line> LINES = List.of(SyslogFormatTest.line("one", false), SyslogFormatTest.line("two", true));
  private static final String FIRST = "<30>1 2026-03-05T01:02:03Z box tag 7 tag - one\n";
  private static final String SECOND = "<27>1 2026-03-05T01:02:03Z box tag 7 tag - two\n";

  @TempDir Path folder;

  @Test
  void aDatagramIsAMessage() throws IOException {
    try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        SyslogSender sender = new SyslogSender(new DatagramWire("127.0.0.1", socket.getLocalPort()), FORMAT, false)) {
      socket.setSoTimeout(5000);
      sender.send(LINES);

      for (String expected : List.of(FIRST, SECOND)) {
        DatagramPacket packet = new DatagramPacket(new byte[2000], 2000);
        socket.receive(packet);
        assertEquals(expected, new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8));
      }
      assertTrue(sender.isSure());
    }
  }

  @Test
  void aStreamHasALineEachAndTellsWhenItBreaks() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SyslogSender sender = new SyslogSender(SocketWire.plain(new Socket("127.0.0.1", server.getLocalPort())), FORMAT, false);
        Socket client = server.accept()) {
      sender.send(LINES);
      sender.check();
      assertFalse(sender.isSure());
      assertEquals(FIRST + SECOND, new String(client.getInputStream().readNBytes(FIRST.length() + SECOND.length()), StandardCharsets.UTF_8));

      client.shutdownOutput();
      assertThrows(IOException.class, () -> eventuallyFails(sender));
    }
  }

  private static void eventuallyFails(SyslogSender sender) throws IOException {
    for (int i = 0; i < 100; i++) {
      sender.check();
    }
  }

  @Test
  void aUnixStreamLikewise() throws Exception {
    Path path = folder.resolve("log.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        SyslogSender sender = new SyslogSender(new UnixWire(path), FORMAT, false);
        var client = server.accept()) {
      sender.send(LINES);
      sender.check();
      assertEquals(FIRST + SECOND, new String(Channels.newInputStream(client).readNBytes(FIRST.length() + SECOND.length()), StandardCharsets.UTF_8));

      client.shutdownOutput();
      assertThrows(IOException.class, sender::check);
    }
  }

  @Test
  void tlsHasLengthsAndBelievesOnlyKnownAuthoritiesAndTheRightHost() throws Exception {
    SSLContext context = receiver("localhost");
    try (ServerSocket server = context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> checked = new CompletableFuture<>();
      CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> read(server, FIRST.length() + SECOND.length() + 6, checked));
      Authorities authorities = new Authorities(folder.resolve("localhost.pem"));
      try (SyslogSender sender =
          new SyslogSender(
              SocketWire.tls(new Socket("127.0.0.1", server.getLocalPort()), authorities.sockets(), "localhost", server.getLocalPort(), 5000), FORMAT, true)) {
        sender.send(LINES);
        try {
          sender.check();
        } finally {
          checked.complete(null);
        }
        assertEquals(FIRST.length() + " " + FIRST + SECOND.length() + " " + SECOND, received.get());
      }
      CompletableFuture.runAsync(() -> read(server, 1, CompletableFuture.completedFuture(null))).exceptionally(e -> null);
      assertThrows(
          IOException.class,
          () -> SocketWire.tls(new Socket("127.0.0.1", server.getLocalPort()), authorities.sockets(), "other.example", server.getLocalPort(), 5000));
      CompletableFuture.runAsync(() -> read(server, 1, CompletableFuture.completedFuture(null))).exceptionally(e -> null);
      assertThrows(
          IOException.class,
          () ->
              SocketWire.tls(
                  new Socket("127.0.0.1", server.getLocalPort()), SSLContext.getDefault().getSocketFactory(), "localhost", server.getLocalPort(), 5000));
    }
  }

  /** @param isDone when the receiver may close: a sender that looks after that finds it gone, rightly */
  private static String read(ServerSocket server, int bytes, CompletableFuture<Void> isDone) {
    try (Socket client = server.accept()) {
      String text = new String(client.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
      isDone.join();
      return text;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A certificate of its own, beside which its file for those who believe it lies. */
  private SSLContext receiver(String host) throws Exception {
    Path store = folder.resolve(host + ".p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-keyalg", "EC", "-alias", "it", "-dname", "CN=" + host, "-ext", "san=dns:" + host,
                "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", "secret")
            .inheritIO()
            .start();
    assertEquals(0, keytool.waitFor());
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(new ByteArrayInputStream(Files.readAllBytes(store)), "secret".toCharArray());
    Files.writeString(
        folder.resolve(host + ".pem"),
        "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(keys.getCertificate("it").getEncoded()) + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "secret".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }
}
