package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class FastGzipTest {
  private final Random random = new Random(7);

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] text(int length) {
    return "the quick brown fox jumps over the lazy dog 0123456789\n".repeat(length / 50 + 1).substring(0, length).getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] packed(byte[]... pieces) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (FastGzip gzip = new FastGzip(out)) {
      for (byte[] piece : pieces) {
        gzip.write(piece);
      }
    }
    return out.toByteArray();
  }

  private static byte[] joined(byte[]... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] piece : pieces) {
      out.writeBytes(piece);
    }
    return out.toByteArray();
  }

  /** Read by the JDK's own reader and by this server's: neither is what wrote it. */
  private static void requireWhole(byte[]... pieces) throws IOException {
    byte[] packed = packed(pieces);
    byte[] expected = joined(pieces);
    assertArrayEquals(expected, new GZIPInputStream(new ByteArrayInputStream(packed)).readAllBytes());
    assertArrayEquals(expected, new GunzipStream(new ByteArrayInputStream(packed)).readAllBytes());
  }

  @Test
  void whatGoesInComesOut() throws IOException {
    requireWhole();
    requireWhole(new byte[1]);
    requireWhole(text(10));
    requireWhole(text(3_000_000));
    requireWhole(random(4095));
    requireWhole(random(65_535));
    requireWhole(random(3_000_001));
  }

  @Test
  void randomAndTextInTurnComeOutWhole() throws IOException {
    requireWhole(text(70_000), random(70_000), text(70_000), random(65_536), random(9), text(1), random(200_000), text(200_000));
    for (int round = 0; round < 30; round++) {
      byte[][] pieces = new byte[1 + random.nextInt(8)][];
      for (int i = 0; i < pieces.length; i++) {
        int length = random.nextInt(300_000);
        pieces[i] = random.nextBoolean() ? random(length) : text(length);
      }
      requireWhole(pieces);
    }
  }

  @Test
  void randomIsStoredAndTheRestMadeSmaller() throws IOException {
    int size = 1 << 20;

    int stored = packed(random(size)).length;
    assertTrue(stored > size && stored < size + 200, "stored: " + stored);
    assertTrue(packed(text(size)).length < size / 50);
    byte[] base64 = Base64.getEncoder().encode(random(size));
    assertTrue(packed(base64).length < base64.length * 4 / 5);
    assertTrue(packed(new byte[size]).length < size / 100);
  }

  @Test
  void programsAreNoRandom() throws IOException {
    byte[] bytes;
    try (var in = FastGzipTest.class.getResourceAsStream("FastGzipTest.class")) {
      bytes = in.readAllBytes();
    }
    assertTrue(packed(bytes).length < bytes.length * 3 / 4);
  }

  @Test
  void theSameInputIsTheSameOutput() throws IOException {
    byte[] input = joined(text(100_000), random(100_000));

    assertArrayEquals(packed(input), packed(input));
  }
}
