package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Layers;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.FakeLayers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerIntakeTest {
  @TempDir Path state;
  private final FakeKernel kernel = new FakeKernel();
  private FakeLayers layers;
  private BlobStore blobs;
  private LayerIntake intake;

  @BeforeEach
  void start() {
    layers = new FakeLayers(kernel);
    blobs = new BlobStore(state);
    intake = new LayerIntake(blobs, layers, TestLimits.with(Map.of()));
  }

  @AfterEach
  void stop() {
    kernel.close();
  }

  @Test
  void hashesKeepsAndUnpacksInOnePass() throws IOException {
    byte[] large = new byte[40 << 20];
    new Random(1).nextBytes(large);
    byte[] tar = Archives.tar(Map.of("large", large));

    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(tar))) {
      taken.publish();
      taken.keep();

      assertEquals(Digest.of(tar), taken.diffId());
      assertEquals(Digest.of(tar), taken.blob());
      assertEquals(large.length, taken.unpackedBytes());
      assertEquals(List.of(taken.store()), layers.list());
    }
    assertArrayEquals(tar, Channels.newInputStream(blobs.open(Digest.of(tar))).readAllBytes());
    assertEquals(List.of(Digest.of(tar)), blobs.list());
  }

  @Test
  void hashesThePaddingAfterTheArchive() {
    byte[] padded = Archives.join(Archives.layer("x"), new byte[123_456]);

    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(padded))) {
      assertEquals(Digest.of(padded), taken.diffId());
    }
    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(Archives.gzip(padded)))) {
      assertEquals(Digest.of(padded), taken.diffId());
      assertEquals(Digest.of(Archives.gzip(padded)), taken.blob());
    }
    assertNothingLeft();
  }

  /** Other compressions have no media type of layers. */
  @Test
  void keepsPlainWhatNoRegistryTakes() throws IOException {
    byte[] padded = Archives.join(Archives.layer("x"), new byte[123_456]);

    for (byte[] packed : List.of(Archives.bzip2(padded), Archives.xz(padded))) {
      try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(packed))) {
        assertEquals(Digest.of(packed), taken.source());
        assertEquals(packed.length, taken.sourceBytes());
        assertEquals(Digest.of(padded), taken.diffId());
        assertEquals(Digest.of(padded), taken.blob());
        assertEquals(padded.length, taken.blobBytes());
        taken.publish();
      }
      assertArrayEquals(padded, Channels.newInputStream(blobs.open(Digest.of(padded))).readAllBytes());
      blobs.delete(Digest.of(padded));
    }
    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(Archives.zstd(padded)))) {
      assertEquals(Digest.of(Archives.zstd(padded)), taken.source());
      assertEquals(taken.source(), taken.blob());
    }
    assertNothingLeft();
  }

  @Test
  void boundsWhatItKeepsPlain() {
    LayerIntake small = new LayerIntake(blobs, layers, TestLimits.with(Map.of("layer-max", "64K")));
    LayerIntake tight = new LayerIntake(blobs, layers, TestLimits.with(Map.of("expansion-max", "2", "free-expansion", "64K")));

    for (byte[] bomb : List.of(Archives.bzip2(Archives.layer("x".repeat(200_000))), Archives.xz(Archives.layer("x".repeat(200_000))))) {
      assertTrue(assertThrows(TallymanException.class, () -> small.take(new ByteArrayInputStream(bomb))).getMessage().contains("at most 65536 bytes"));
      assertTrue(assertThrows(TallymanException.class, () -> tight.take(new ByteArrayInputStream(bomb))).getMessage().contains("more than 2 times"));
    }
    assertNothingLeft();
  }

  /** Servers before kept such blobs as they came. */
  @Test
  void compressesOldBlobsAnew() throws IOException {
    byte[] tar = Archives.layer("x");
    byte[] packed = Archives.bzip2(tar);
    BlobStore.Draft draft = blobs.draft();
    draft.write(packed, 0, packed.length);
    blobs.publish(draft);

    try (ImageParts.Compressed compressed = CompressedDraft.of(blobs, Digest.of(packed), blobs.compression(Digest.of(packed)))) {
      assertArrayEquals(tar, new GZIPInputStream(compressed.open()).readAllBytes());
    }
  }

  @Test
  void givesUpWhatNobodyKept() {
    intake.take(new ByteArrayInputStream(Archives.layer("x"))).close();

    assertNothingLeft();
  }

  @Test
  void tellsABrokenClientFromABrokenDisk() {
    InputStream broken = broken(new IOException("connection reset"));
    TallymanException client = assertThrows(TallymanException.class, () -> intake.take(broken));
    assertEquals(ErrorKind.INVALID, client.kind());
    assertEquals("cannot unpack the layer: connection reset", client.getMessage());
    assertEquals(ErrorKind.EXHAUSTED, StorageFailure.of(new IOException("No space left on device")).kind());
    assertEquals(ErrorKind.EXHAUSTED, StorageFailure.of(new FileSystemException("/secret", null, "No space left on device")).kind());
    TallymanException other = StorageFailure.of(new FileSystemException("/secret", null, "Input/output error"));
    assertEquals(ErrorKind.INTERNAL, other.kind());
    assertFalse(other.getMessage().contains("secret"));
    assertNothingLeft();
  }

  @Test
  void prefersTheReasonOfTheStreamToThatOfTheUnpacker() {
    Layers wrapping =
        new Layers() {
          @Override
          public long unpack(String layer, InputStream tar) {
            try {
              tar.readAllBytes();
              return 0;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }

          @Override
          public void finishRemovals() {
            throw new AssertionError();
          }

          @Override
          public void remove(String layer) {
            throw new KernelException(ErrorKind.UNAVAILABLE, "the helper is gone");
          }

          @Override
          public List<String> list() {
            return List.of();
          }
        };
    LayerIntake fragile = new LayerIntake(blobs, wrapping, TestLimits.with(Map.of("layer-max", "2K")));

    TallymanException refusal = assertThrows(TallymanException.class, () -> fragile.take(new ByteArrayInputStream(new byte[4096])));

    assertEquals("cannot unpack the layer: a layer may have at most 2048 bytes", refusal.getMessage());
    assertEquals(ErrorKind.EXHAUSTED, refusal.kind());
  }

  @Test
  void clearsWhatAKilledServerLeft() throws IOException {
    Path drafts = Files.createDirectories(state.resolve("server/blobs/drafts"));
    Files.write(drafts.resolve("blob-1.part"), new byte[10]);

    assertEquals(1, blobs.clearDrafts());
    assertNothingLeft();
  }

  @Test
  void repairsABlobThatIsTooShort() throws IOException {
    byte[] tar = Archives.layer("x");
    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(tar))) {
      taken.publish();
    }
    Path file = state.resolve("server/blobs/sha256").resolve(Digest.of(tar).hex().substring(0, 2)).resolve(Digest.of(tar).hex());
    Files.write(file, new byte[3]);
    assertFalse(blobs.has(Digest.of(tar), tar.length));

    try (LayerIntake.Taken taken = intake.take(new ByteArrayInputStream(tar))) {
      taken.publish();
    }

    assertTrue(blobs.has(Digest.of(tar), tar.length));
    assertArrayEquals(tar, Files.readAllBytes(file));
  }

  @Test
  void hasLimitsThatRealImagesMeet() {
    ImageLimits limits = TestLimits.with(Map.of());

    assertEquals(64L << 30, limits.layerMax().asLongValue());
    assertEquals(128L << 30, limits.archiveMax().asLongValue());
    assertEquals(20_000, limits.archiveEntriesMax());
    assertEquals(2_000, limits.archiveLayersMax());
    assertEquals(4L << 20, limits.documentMax().asLongValue());
    assertEquals(64L << 20, limits.documentsMax().asLongValue());
    assertEquals(200, limits.expansionMax());
    assertEquals(256L << 20, limits.freeExpansion().asLongValue());
    assertEquals(1_000, limits.imagesMax());
  }

  private void assertNothingLeft() {
    assertEquals(List.of(), layers.list());
    try (Stream<Path> files = Files.walk(state)) {
      assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream broken(IOException failure) {
    InputStream end =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw failure;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            throw failure;
          }
        };
    return new SequenceInputStream(new ByteArrayInputStream(Archives.layer("x"), 0, 1024), end);
  }
}
