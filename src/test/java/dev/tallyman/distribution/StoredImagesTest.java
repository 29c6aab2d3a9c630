package dev.tallyman.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** T26: a content store that lies gets nothing; the honest control beside it works. */
@QuarkusTest
@Timeout(60)
class StoredImagesTest {
  @Inject Distribution distribution;
  @Inject Images images;
  @Inject ImageParts parts;
  @Inject TestAccounts accounts;

  private final Store store = new Store();
  private Caller caller;
  private byte[] layer;
  private byte[] config;

  private interface Blob {
    InputStream open() throws IOException;
  }

  private static final class Store implements ContentStore {
    private final Map<String, Blob> blobs = new HashMap<>();

    @Override
    public String name() {
      return "the store";
    }

    @Override
    public InputStream open(String digest) throws IOException {
      Blob blob = blobs.get(digest);
      if (blob == null) {
        throw new IOException("content " + digest + " not found");
      }
      return blob.open();
    }

    @Override
    public void put(String digest, long size, InputStream content) throws IOException {
      byte[] bytes = content.readAllBytes();
      assertEquals(size, bytes.length);
      assertEquals(digest, Manifest.digestOf(bytes));
      blobs.put(digest, () -> new ByteArrayInputStream(bytes));
    }

    String add(byte[] bytes) {
      blobs.put(Manifest.digestOf(bytes), () -> new ByteArrayInputStream(bytes));
      return Manifest.digestOf(bytes);
    }
  }

  /** Never ends, as long as somebody reads. */
  private static final class Endless extends InputStream {
    @Override
    public int read() {
      return 0;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return length;
    }
  }

  @BeforeEach
  void start() throws IOException {
    caller = accounts.caller(Role.MEMBER);
    layer = tar(UUID.randomUUID().toString());
    String text = "{\"architecture\":\"" + Platform.here().architecture() + "\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Manifest.digestOf(layer) + "\"]}}";
    config = text.getBytes(StandardCharsets.UTF_8);
    store.add(layer);
    store.add(config);
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

  private String manifest(long layerSize, long configSize) {
    String text =
        "{\"schemaVersion\":2,\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"" + Manifest.digestOf(config)
            + "\",\"size\":" + configSize + "},\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\"" + Manifest.digestOf(layer) + "\",\"size\":" + layerSize + "}]}";
    return store.add(text.getBytes(StandardCharsets.UTF_8));
  }

  private String manifest() {
    return manifest(layer.length, config.length);
  }

  private Images.Image pull(String digest) {
    return distribution.pull(caller, store, digest, Platform.here(), TransferProgress.silent());
  }

  private void refused(String words, String digest) {
    TallymanException e = assertThrows(TallymanException.class, () -> pull(digest), words);
    assertEquals(ErrorKind.INVALID, e.kind(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
    assertFalse(parts.hasLayer(caller, Manifest.digestOf(layer)), "something of it stays: " + words);
  }

  @Test
  void anHonestOneGivesAndTakes() throws IOException {
    Images.Image image = pull(manifest());

    assertEquals(Manifest.digestOf(config), image.id());
    assertEquals(List.of(), image.tags());
    assertEquals(List.of(), image.repoDigests());

    Distribution.Stored stored = distribution.push(caller, image.id(), store, TransferProgress.silent());
    byte[] manifest = store.open(stored.digest()).readAllBytes();
    assertEquals(stored.size(), manifest.length);
    assertEquals(image.id(), Manifest.parse(manifest, stored.mediaType()).config().digest());
    assertEquals(image.id(), distribution.pull(accounts.stranger(Role.MEMBER), store, stored.digest(), Platform.here(), TransferProgress.silent()).id());
  }

  /** The type is optional in both kinds of documents. */
  @Test
  void whatItIsShowsInItsFields() throws IOException {
    String named = new String(store.open(manifest()).readAllBytes(), StandardCharsets.UTF_8);
    String unnamed = named.replace("\"mediaType\":\"" + Manifest.OCI_MANIFEST + "\",", "");
    String manifest = store.add(unnamed.getBytes(StandardCharsets.UTF_8));
    String entry = "{\"digest\":\"" + manifest + "\",\"size\":" + unnamed.length() + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + Platform.here().architecture() + "\"}}";
    String index = "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}";
    String both = unnamed.replace("\"config\"", "\"manifests\":[" + entry + "],\"config\"");

    refused("another kind of document", store.add(both.getBytes(StandardCharsets.UTF_8)));
    refused("its type (none) is not supported", store.add("{\"schemaVersion\":2,\"layers\":[]}".getBytes(StandardCharsets.UTF_8)));
    assertEquals(Manifest.digestOf(config), pull(store.add(index.getBytes(StandardCharsets.UTF_8))).id());
    assertEquals(Manifest.digestOf(config), pull(manifest).id());
  }

  /** Manifests have no name for other compressions than gzip and zstd. */
  @Test
  void whatIsPackedOtherwiseLeavesWithGzip() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (BZip2CompressorOutputStream out = new BZip2CompressorOutputStream(packed)) {
      out.write(layer);
    }
    layer = packed.toByteArray();
    store.add(layer);
    Images.Image image = pull(manifest());

    Distribution.Stored stored = distribution.push(caller, image.id(), store, TransferProgress.silent());

    Manifest.Descriptor sent = Manifest.parse(store.open(stored.digest()).readAllBytes(), stored.mediaType()).layers().get(0);
    assertEquals("application/vnd.oci.image.layer.v1.tar+gzip", sent.mediaType());
    try (InputStream in = new GZIPInputStream(store.open(sent.digest()))) {
      assertTrue(new String(in.readAllBytes(), StandardCharsets.UTF_8).startsWith("file\0"));
    }
  }

  @Test
  void onlyMembersBringSomethingIn() {
    Caller viewer = accounts.caller(Role.VIEWER);
    TallymanException e = assertThrows(TallymanException.class, () -> distribution.pull(viewer, store, manifest(), Platform.here(), TransferProgress.silent()));
    assertEquals(ErrorKind.DENIED, e.kind());
  }

  @Test
  void digestsAreHeld() throws IOException {
    String digest = manifest();
    Blob honest = store.blobs.get(digest);
    byte[] other = tar("other");
    store.blobs.put(digest, () -> new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8)));
    refused("manifest verification failed", digest);
    store.blobs.put(digest, honest);
    store.blobs.put(Manifest.digestOf(config), () -> new ByteArrayInputStream(new byte[config.length]));
    refused("config verification failed", digest);
    store.add(config);
    byte[] wrong = layer.clone();
    wrong[600] ^= 1;
    store.blobs.put(Manifest.digestOf(layer), () -> new ByteArrayInputStream(wrong));
    refused("layer verification failed", digest);
    store.blobs.put(Manifest.digestOf(layer), () -> new ByteArrayInputStream(other, 0, Math.min(other.length, 512)));
    refused("bytes of a blob", digest);
    store.blobs.remove(Manifest.digestOf(layer));
    refused("not found", digest);
    refused("not found", "sha256:" + "0".repeat(64));
  }

  @Test
  void sizesAreHeldAndNothingIsEndless() {
    store.blobs.put("sha256:" + "1".repeat(64), Endless::new);
    refused("larger than", "sha256:" + "1".repeat(64));
    refused("larger than", manifest(layer.length, 2_000_000));
    refused("bytes of a blob", manifest(layer.length, config.length + 1));
    refused("bytes of a blob", manifest(layer.length + 1, config.length));
    refused("bytes of a blob", manifest(layer.length - 1, config.length));
    String digest = manifest();
    store.blobs.put(Manifest.digestOf(layer), () -> new SequenceInputStream(new ByteArrayInputStream(layer), new Endless()));
    refused("bytes of a blob", digest);
  }
}
