package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection.Frame;
import dev.tallyman.kernel.Sandboxes.Exit;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames byte by byte, with the monitor's end in the hands of the test. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class UnixMonitorConnectionTest {
  private static final String READY = "0700000000000000";

  private Path folder;
  private ServerSocketChannel server;
  private UnixMonitorConnection client;
  private SocketChannel monitor;

  @BeforeEach
  void connect() throws IOException {
    folder = Files.createTempDirectory("tm"); // short: a socket's path has at most 107 bytes
    Path path = folder.resolve("s");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
    client = UnixMonitorConnection.open(path);
    monitor = server.accept();
  }

  @AfterEach
  void close() throws IOException {
    client.close();
    monitor.close();
    server.close();
    Files.deleteIfExists(folder.resolve("s"));
    Files.delete(folder);
  }

  private void send(String hex) throws IOException {
    monitor.write(ByteBuffer.wrap(HexFormat.of().parseHex(hex)));
  }

  private String received(int bytes) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(bytes);
    while (in.hasRemaining() && monitor.read(in) >= 0) {}
    return HexFormat.of().formatHex(in.array());
  }

  @Test
  void waitsForReadyWhenItSubscribes() throws IOException {
    send(READY + "0100000000000002" + "6869");

    client.subscribe(true, true);

    assertEquals("0400000000000004" + "00000003", received(12));
    Frame.Output output = assertInstanceOf(Frame.Output.class, client.next());
    assertEquals(ByteBuffer.wrap(new byte[] {'h', 'i'}), output.bytes());
  }

  @Test
  void refusesAnotherAnswerToASubscription() throws IOException {
    send("0100000000000001" + "61");

    assertThrows(IOException.class, () -> client.subscribe(true, false));
  }

  @Test
  void failsToSubscribeWhereTheMonitorEnds() throws IOException {
    monitor.close();

    assertThrows(IOException.class, () -> client.subscribe(true, false));
  }

  @Test
  void saysThatTheEndCameBeforeReady() throws IOException {
    monitor.shutdownOutput();

    assertThrows(EOFException.class, () -> client.subscribe(true, false));
  }

  @Test
  void readsFramesInWhateverPiecesTheyCome() throws Exception {
    String frames = "0100000000000003" + "616263" + "0200000000000001" + "64" + "0300000000000014" + "00000089" + "00000009" + "00000001" + "00000000773593ff";
    Thread slow =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < frames.length(); i += 2) {
                  send(frames.substring(i, i + 2));
                  Thread.sleep(1);
                }
                monitor.close();
              } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    slow.start();

    assertEquals(new Frame.Output(false, ByteBuffer.wrap("abc".getBytes())), client.next());
    assertEquals(new Frame.Output(true, ByteBuffer.wrap("d".getBytes())), client.next());
    assertEquals(new Frame.Ended(new Exit(137, 9, true, Instant.EPOCH, Instant.ofEpochSecond(1, 999_999_999))), client.next());
    assertNull(client.next());
    slow.join();
  }

  @Test
  void readsFramesOfTheLargestSize() throws Exception {
    byte[] payload = new byte[Protocol.FRAME_MAX_BYTES];
    java.util.Arrays.fill(payload, (byte) 7);
    Thread sender =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 3; i++) {
                  send("0100000000010000");
                  ByteBuffer bytes = ByteBuffer.wrap(payload);
                  while (bytes.hasRemaining()) {
                    monitor.write(bytes);
                  }
                }
                monitor.close();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    sender.start();

    for (int i = 0; i < 3; i++) {
      assertArrayEquals(payload, assertInstanceOf(Frame.Output.class, client.next()).bytes().array());
    }
    assertNull(client.next());
    sender.join();
  }

  @Test
  void refusesWhatIsNoFrame() throws IOException {
    send("0100000000010001");
    assertThrows(IOException.class, () -> client.next(), "larger than a frame may be");
  }

  @Test
  void refusesUnknownAndMisshapenFrames() throws IOException {
    send("0900000000000000");
    assertThrows(IOException.class, () -> client.next());
    send("0300000000000001" + "00");
    assertThrows(IOException.class, () -> client.next());
  }

  @Test
  void takesAFrameThatBreaksOffForTheEnd() throws IOException {
    send("0100000000000003" + "61");
    monitor.close();

    assertNull(client.next());
  }

  @Test
  void writesInputInFramesOfTheLargestSize() throws Exception {
    Thread writer =
        new Thread(
            () -> {
              try {
                client.writeInput(ByteBuffer.allocate(Protocol.FRAME_MAX_BYTES + 1));
                client.resize(24, 80);
                client.endInput();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    writer.start();

    assertEquals("0000000000010000", received(8));
    received(Protocol.FRAME_MAX_BYTES);
    assertEquals("0000000000000001" + "00", received(9));
    assertEquals("0600000000000004" + "00180050", received(12));
    assertEquals("0500000000000000", received(8));
    writer.join();
  }

  @Test
  void endsAReadWhenItIsClosedByAnotherThread() throws Exception {
    Thread closer =
        new Thread(
            () -> {
              try {
                Thread.sleep(100);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              client.close();
            });
    closer.start();

    assertNull(client.next());
    closer.join();
  }

  @Test
  void isNotFoundWhereNobodyListens() {
    KernelException e = assertThrows(KernelException.class, () -> UnixMonitorConnection.open(Path.of("/nonexistent/x.sock")));

    assertEquals(ErrorKind.NOT_FOUND, e.kind());
  }
}
