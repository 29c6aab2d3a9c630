package dev.tallyman.image;

import static dev.tallyman.image.Archives.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.FakeLayers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** T22 to T24 in archives of strangers. Each attack has its benign twin, and nothing of an attack stays behind. */
class HostileArchiveTest {
  private static final byte[] LAYER = Archives.layer("hello");
  private static final byte[] OTHER = Archives.layer("other");
  private static final Map<String, String> SMALL =
      Map.of(
          "layer-max", "8M", "archive-max", "16M", "document-max", "100K", "documents-max", "300K", "archive-entries-max", "300", "archive-layers-max", "20", "free-expansion", "1M",
          "expansion-max", "50", "images-max", "5");

  @TempDir Path state;
  private final FakeKernel kernel = new FakeKernel();
  private FakeLayers layers;
  private LayerIntake intake;
  private ImageLimits limits;

  @BeforeEach
  void start() {
    layers = new FakeLayers(kernel);
    limits = TestLimits.with(SMALL);
    intake = new LayerIntake(new BlobStore(state), layers, limits);
  }

  @AfterEach
  void leavesNothingBehind() throws IOException {
    kernel.close();
    assertEquals(List.of(), layers.list());
    try (Stream<Path> files = Files.walk(state)) {
      assertEquals(List.of(), files.filter(Files::isRegularFile).toList());
    }
  }

  @Test
  void readsGoodArchivesInAnyOrderAndPacking() {
    Map<String, byte[]> legacy = Archives.legacy("app:1", Archives.config(LAYER, OTHER), LAYER, OTHER);
    Map<String, byte[]> reversed = new LinkedHashMap<>();
    List<String> names = legacy.keySet().stream().sorted((a, b) -> b.compareTo(a)).toList();
    names.forEach(name -> reversed.put(name, legacy.get(name)));

    assertEquals(List.of("app:1"), load(Archives.tar(legacy)));
    assertEquals(List.of("app:1"), load(Archives.tar(reversed)));
    assertEquals(List.of("app:1"), load(Archives.gzip(Archives.tar(legacy))));
    assertEquals(List.of("app:1"), load(Archives.zstd(Archives.tar(legacy))));
    assertEquals(List.of("app:1"), load(xz(Archives.tar(legacy))));
    assertEquals(List.of("oci:latest"), load(Archives.tar(Archives.layout("oci", Archives.config(LAYER), LAYER))));
    assertEquals(List.of("oci:2"), load(Archives.tar(Archives.layout("oci:2", Archives.config(LAYER, OTHER), Archives.gzip(LAYER), Archives.zstd(OTHER)))));
    assertEquals(List.of(), load(Archives.tar(Archives.layout(null, Archives.config(LAYER), xz(LAYER)))));
  }

  @Test
  void takesNamesOfALayoutOnlyWhenTheyAreWhole() {
    String key = "{\"org.opencontainers.image.ref.name\":";

    assertEquals(List.of(), load(Archives.tar(Archives.layout(key + "\"latest\"}", List.of(LAYER), Archives.config(LAYER)))));
    assertEquals(List.of("a/b:1"), load(Archives.tar(Archives.layout(key + "\"a/b:1\"}", List.of(LAYER), Archives.config(LAYER)))));
    assertEquals(List.of(), load(Archives.tar(Archives.layout(key + "\"No: Name\"}", List.of(LAYER), Archives.config(LAYER)))));
    refuses("invalid reference format", Archives.layout("No: Name", Archives.config(LAYER), LAYER));
  }

  @Test
  void readsLayersOfManyGzipMembers() {
    byte[] halves = Archives.join(Archives.gzip(Arrays.copyOf(LAYER, 700)), Archives.gzip(new byte[0]), Archives.gzip(Arrays.copyOfRange(LAYER, 700, LAYER.length)));

    assertEquals(List.of("m:latest"), load(Archives.tar(Archives.layout("m", Archives.config(LAYER), halves))));
  }

  @Test
  void survivesAHundredThousandEmptyGzipMembers() {
    byte[] empty = Archives.gzip(new byte[0]);
    byte[] many = new byte[empty.length * 100_000];
    for (int i = 0; i < 100_000; i++) {
      System.arraycopy(empty, 0, many, i * empty.length, empty.length);
    }

    assertEquals(List.of("m:latest"), load(Archives.tar(Archives.layout("m", Archives.config(LAYER), Archives.join(many, Archives.gzip(LAYER))))));
  }

  @Test
  void refusesDamagedGzip() {
    byte[] packed = Archives.gzip(LAYER);
    byte[] wrongSum = packed.clone();
    wrongSum[packed.length - 6] ^= 1;

    refuses("checksum", Archives.layout("m", Archives.config(LAYER), wrongSum));
    refuses("ends early", Archives.layout("m", Archives.config(LAYER), Arrays.copyOf(packed, packed.length - 9)));
    refuses("no member begins", Archives.layout("m", Archives.config(LAYER), Archives.join(packed, bytes("garbage"))));
    refuses("too long", Archives.layout("m", Archives.config(LAYER), Archives.join(new byte[] {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0}, bytes("n".repeat(70_000)))));
  }

  @Test
  void refusesBombs() {
    byte[] zeros = Archives.tar(Map.of("zeros", new byte[4 << 20]));
    byte[] tooLarge = Archives.tar(Map.of("zeros", new byte[9 << 20]));

    assertEquals(ErrorKind.EXHAUSTED, refuses("grows more than 50 times", Archives.layout("b", Archives.config(zeros), Archives.gzip(zeros))).kind());
    refuses("grows more than 50 times", Archives.layout("b", Archives.config(zeros), Archives.zstd(zeros)));
    refuses("at most 8388608 bytes", Archives.layout("b", Archives.config(tooLarge), tooLarge));
    refuses("larger than 16777216", Archives.gzip(Archives.tar(Map.of("a/layer.tar", Archives.tar(Map.of("x", new byte[7 << 20])), "b/layer.tar", Archives.tar(Map.of("x", new byte[7 << 20])), "c/layer.tar", Archives.tar(Map.of("x", new byte[7 << 20]))))));
    byte[] nearlyTooLarge = Archives.tar(Map.of("zeros", new byte[7 << 20]));
    assertEquals(List.of("b:latest"), load(Archives.tar(Archives.layout("b", Archives.config(nearlyTooLarge), nearlyTooLarge))));
  }

  @Test
  void refusesAnEndlessStream() {
    InputStream endless =
        new InputStream() {
          private final byte[] head = Archives.tar(Map.of("x/layer.tar", LAYER));
          private long at;

          @Override
          public int read() {
            return at < head.length ? head[(int) at++] & 0xff : 0;
          }
        };

    assertEquals("cannot read the archive: it is larger than 16777216 bytes", refusal(endless).getMessage());
  }

  @Test
  void refusesLyingDigestsAndSizes() {
    Map<String, byte[]> wrongBlob = Archives.layout("l", Archives.config(LAYER), LAYER);
    wrongBlob.put("blobs/sha256/" + Digest.of(LAYER).hex(), OTHER);
    Map<String, byte[]> wrongConfig = Archives.layout("l", Archives.config(LAYER), LAYER);
    wrongConfig.put("blobs/sha256/" + Digest.of(Archives.config(LAYER)).hex(), bytes("{}"));
    String manifest = "{\"schemaVersion\":2,\"config\":" + Archives.descriptor(Archives.config(LAYER)) + ",\"layers\":[" + Archives.descriptor(LAYER).replaceFirst("\"size\":\\d+", "\"size\":1") + "]}";

    refuses("has the digest", wrongBlob);
    refuses("has the digest", wrongConfig);
    refuses("bytes, not 1", withManifest(manifest));
    refuses("is sha256:" + Digest.of(OTHER).hex() + ", not", Archives.layout("l", Archives.config(LAYER), OTHER));
    refuses("names 2 layers, but the archive gives it 1", Archives.legacy("l:1", Archives.config(LAYER, OTHER), LAYER));
  }

  @Test
  void refusesDiffIdsWithoutTheBytes() {
    Map<String, byte[]> files = Archives.layout("theft", Archives.config(LAYER), LAYER);
    files.remove("blobs/sha256/" + Digest.of(LAYER).hex());
    Map<String, byte[]> legacy = Archives.legacy("theft:1", Archives.config(LAYER), LAYER);
    legacy.remove("layer0/layer.tar");

    refuses("it has no layer", files);
    refuses("it has no layer", legacy);
  }

  @Test
  void refusesNamesThatLeaveTheArchive() {
    for (String name : List.of("../evil", "a/../../evil", "/etc/passwd", "a/..")) {
      Map<String, byte[]> files = Archives.legacy("n:1", Archives.config(LAYER), LAYER);
      files.put(name, bytes("x"));
      refuses("the name", files);
    }
    Map<String, byte[]> benign = Archives.legacy("n:1", Archives.config(LAYER), LAYER);
    benign.put("./a/..b/c..", bytes("x"));
    assertEquals(List.of("n:1"), load(Archives.tar(benign)));
  }

  @Test
  void followsLinksBetweenLayersButNotOutOfTheArchive() throws IOException {
    byte[] config = Archives.config(LAYER, LAYER);
    assertEquals(List.of("n:1"), load(withLink(config, "../layer0/layer.tar")));

    assertTrue(refusal(new ByteArrayInputStream(withLink(config, "../../etc/passwd"))).getMessage().contains("leaves the archive"));
    assertTrue(refusal(new ByteArrayInputStream(withLink(config, "/etc/passwd"))).getMessage().contains("leaves the archive"));
    assertTrue(refusal(new ByteArrayInputStream(withLink(config, "../link/layer.tar"))).getMessage().contains("circles"));
  }

  @Test
  void refusesTooMuchOfAnything() {
    Map<String, byte[]> entries = Archives.legacy("n:1", Archives.config(LAYER), LAYER);
    for (int i = 0; i < 300; i++) {
      entries.put("e" + i, new byte[0]);
    }
    Map<String, byte[]> manyLayers = new LinkedHashMap<>();
    for (int i = 0; i < 30; i++) {
      manyLayers.put("l" + i + "/layer.tar", Archives.layer("l" + i));
    }
    byte[][] repeated = new byte[10_000][];
    Arrays.fill(repeated, LAYER);
    Map<String, byte[]> stack = Archives.legacy("n:1", Archives.config(LAYER), LAYER);
    byte[] config = Archives.config(repeated);

    refuses("more than 300 entries", entries);
    refuses("more than 20 layers", manyLayers);
    stack.put("big.json", config);
    refuses("neither a layer nor a document", stack);
    assertTrue(assertThrows(TallymanException.class, () -> ImageDocument.parse(config)).getMessage().contains("10000 layers"));
    Map<String, byte[]> documents = new LinkedHashMap<>();
    for (int i = 0; i < 4; i++) {
      documents.put("d" + i, bytes(" ".repeat(90 << 10)));
    }
    refuses("documents are larger", documents);
    Map<String, byte[]> many = Archives.legacy("n:1", Archives.config(LAYER), LAYER);
    String one = new String(many.get("manifest.json"), StandardCharsets.UTF_8).replaceFirst("^\\[", "").replaceFirst("\\]$", "");
    many.put("manifest.json", bytes("[" + String.join(",", Collections.nCopies(6, one)) + "]"));
    refuses("names more than 5 images", many);
  }

  @Test
  void refusesAmbiguousDocuments() {
    String config = "{\"os\":\"linux\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}";
    refuses("Duplicate field", Archives.legacy("n:1", bytes(config)));
    refuses("not UTF-8", Archives.legacy("n:1", new byte[] {'{', '"', (byte) 0xff, '"', ':', '1', '}'}));
    refuses("not valid JSON", Archives.legacy("n:1", bytes("{\"os\":\"linux\"} {}")));
    refuses("not valid JSON", Archives.legacy("n:1", bytes("[".repeat(1000))));
    refuses("operating system windows", Archives.legacy("n:1", bytes("{\"os\":\"windows\"}")));
    refuses("NUL", Archives.legacy("n:1", bytes("{\"os\":\"linux\",\"config\":{\"Env\":[\"A=\\u0000\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")));
    refuses("Env of its config", Archives.legacy("n:1", bytes("{\"os\":\"linux\",\"config\":{\"Env\":{}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")));
    refuses("history names 0 layers", Archives.legacy("n:1", bytes(new String(Archives.config(LAYER), StandardCharsets.UTF_8).replaceFirst("^\\{", "{\"history\":[{\"empty_layer\":true}],")), LAYER));
    refuses("neither manifest.json nor index.json", Map.of("x", bytes("x")));
    refuses("no image for linux", Map.of("manifest.json", bytes("[]")));
    refuses("an index is not", Map.of("index.json", bytes("{\"manifests\":[],\"layers\":[]}")));
    refuses("must be lowercase", Archives.legacy("UPPER:1", Archives.config(LAYER), LAYER));
  }

  @Test
  void refusesWhatIsNoArchive() {
    assertEquals("cannot read the archive: it is empty", refusal(new ByteArrayInputStream(new byte[0])).getMessage());
    assertTrue(refusal(new ByteArrayInputStream(bytes("hello".repeat(500)))).getMessage().contains("not a tar archive"));
    byte[] whole = Archives.tar(Archives.legacy("n:1", Archives.config(LAYER), LAYER));
    assertTrue(refusal(new ByteArrayInputStream(Arrays.copyOf(whole, 1500))).getMessage().contains("ends early"));
    assertTrue(refusal(new ByteArrayInputStream(bytes("BZh91AY&SY" + "x".repeat(600)))).getMessage().startsWith("cannot read the archive: "));
  }

  private Map<String, byte[]> withManifest(String manifest) {
    Map<String, byte[]> files = Archives.layout("l", Archives.config(LAYER), LAYER);
    files.put("blobs/sha256/" + Digest.of(bytes(manifest)).hex(), bytes(manifest));
    files.put("index.json", bytes("{\"schemaVersion\":2,\"manifests\":[" + Archives.descriptor(bytes(manifest)) + "]}"));
    return files;
  }

  private static byte[] withLink(byte[] config, String target) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      Map<String, byte[]> files = Archives.legacy("n:1", config, LAYER);
      files.put("manifest.json", bytes("[{\"Config\":\"" + Digest.of(config).hex() + ".json\",\"RepoTags\":[\"n:1\"],\"Layers\":[\"layer0/layer.tar\",\"link/layer.tar\"]}]"));
      TarArchiveEntry link = new TarArchiveEntry("link/layer.tar", TarConstants.LF_SYMLINK);
      link.setLinkName(target);
      tar.putArchiveEntry(link);
      tar.closeArchiveEntry();
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  private static byte[] xz(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (XZCompressorOutputStream out = new XZCompressorOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return bytes.toByteArray();
  }

  private TallymanException refuses(String reason, Map<String, byte[]> files) {
    return refuses(reason, Archives.tar(files));
  }

  private TallymanException refuses(String reason, byte[] archive) {
    TallymanException refusal = refusal(new ByteArrayInputStream(archive));
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
    return refusal;
  }

  private TallymanException refusal(InputStream archive) {
    return assertThrows(TallymanException.class, () -> load(archive));
  }

  private List<String> load(byte[] archive) {
    return load(new ByteArrayInputStream(archive));
  }

  /** @return the tags found; layers are given up again */
  private List<String> load(InputStream archive) {
    try (Spool spool = new Spool(intake, limits, digest -> Optional.empty())) {
      spool.readAll(archive);
      return ArchiveIndex.read(spool, "amd64", limits.imagesMax()).stream().flatMap(each -> each.tags().stream()).map(ImageReference::familiar).toList();
    }
  }
}
