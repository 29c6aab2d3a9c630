package dev.tallyman.image;

import static dev.tallyman.image.Archives.bytes;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.audit.AuditTrail.AuditFilter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.Layers;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImageServiceTest {
  @Inject Images images;
  @Inject TestAccounts accounts;
  @Inject AuditTrail audit;
  @Inject Events events;
  @Inject Layers layers;
  @Inject BlobStore blobs;
  @Inject ImageStore store;
  @Inject ImageReconciliation reconciliation;

  private Caller caller;
  private String name;

  @BeforeEach
  void start() {
    caller = accounts.caller(Role.MEMBER);
    name = "t" + UUID.randomUUID().toString().substring(0, 8);
  }

  @Test
  void importsWithChanges() {
    Instant before = Instant.now();
    Images.Image image = images.importTar(caller, stream(Archives.layer(name)), name, List.of("CMD [\"sh\"]", "ENV A=1"), "");

    assertEquals(List.of(name + ":latest"), image.tags());
    assertEquals(List.of("sh"), image.config().cmd());
    assertEquals(List.of(Digest.of(Archives.layer(name)).toString()), image.diffIds());
    assertEquals(caller.accountName(), image.creator());
    assertTrue(layers.list().containsAll(image.layers()));
    assertEquals("Imported from -", images.history(caller, name).get(0).comment());
    assertEquals(image, images.inspect(caller, image.id().substring(7, 20)));
    assertEquals(List.of("tag", "import"), events.since(before).stream().filter(each -> each.id().equals(image.id())).map(each -> each.action()).toList());
    assertEquals("image.import done " + name + ":latest", lastAudit());
  }

  @Test
  void importsNothingForAnotherMachine() {
    Images.Image image = images.importTar(caller, stream(new byte[1024]), name, Platform.of("linux/arm/v7"), List.of("LABEL a=b"), "");

    assertEquals("arm", image.architecture());
    assertTrue(image.configJson().contains("\"variant\":\"v7\""), image.configJson());
    assertEquals(1, image.diffIds().size());
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> images.importTar(caller, stream(new byte[1024]), name, Platform.of("windows"), List.of(), "")).kind());
  }

  @Test
  void tellsOfImagesWithTheirLabels() {
    Instant before = Instant.now();
    Images.Image image = images.importTar(caller, stream(Archives.layer(name)), name, List.of("LABEL a=b"), "");
    images.save(caller, List.of(name), new ByteArrayOutputStream());

    List<Event> told = events.since(before).stream().filter(each -> each.id().equals(image.id())).toList();
    assertEquals(List.of("tag", "import", "save"), told.stream().map(Event::action).toList());
    assertEquals(List.of(name + ":latest", image.id(), image.id()), told.stream().map(each -> each.attributes().get("name")).toList());
    assertTrue(told.stream().allMatch(each -> "b".equals(each.attributes().get("a"))), told::toString);
  }

  @Test
  void savesAndLoadsTheSameImage() {
    byte[] layer = Archives.layer(name);
    byte[] config = Archives.config(layer);
    List<String> said = new ArrayList<>();
    Images.Image loaded = images.load(caller, stream(Archives.tar(Archives.legacy(name + ":1", config, layer))), said::add).get(0);
    assertEquals(Digest.of(config).toString(), loaded.id());
    assertEquals(List.of("Loaded image: " + name + ":1"), said);

    byte[] first = save(name + ":1");
    byte[] second = save(name + ":1");
    images.remove(caller, name + ":1", false, true);
    assertFalse(layers.list().containsAll(loaded.layers()));
    Images.Image again = images.load(caller, stream(first), said::add).get(0);

    assertArrayEquals(first, second);
    assertEquals(loaded.id(), again.id());
    assertEquals(loaded.configJson(), again.configJson());
    assertEquals(loaded.tags(), again.tags());
    assertEquals(loaded.sizeBytes(), again.sizeBytes());
    assertArrayEquals(first, save(name + ":1"));
  }

  @Test
  void keepsCompressedLayersAsTheyCame() {
    byte[] layer = Archives.layer(name);
    Images.Image image = images.load(caller, stream(Archives.tar(Archives.layout(name, Archives.config(layer), Archives.gzip(layer)))), line -> {}).get(0);

    byte[] saved = save(name);
    images.remove(caller, image.id(), true, true);
    assertEquals(image.id(), images.load(caller, stream(saved), line -> {}).get(0).id());
  }

  @Test
  void sharesLayersAndKeepsThemUntilTheLastImageGoes() {
    byte[] base = Archives.layer(name + "base");
    byte[] top = Archives.layer(name + "top");
    Images.Image one = images.load(caller, stream(Archives.tar(Archives.legacy(name + ":1", Archives.config(base), base))), line -> {}).get(0);
    Images.Image two = images.load(caller, stream(Archives.tar(Archives.legacy(name + ":2", Archives.config(base, top), base, top))), line -> {}).get(0);
    assertEquals(one.layers().get(0), two.layers().get(0));

    images.remove(caller, name + ":1", false, true);
    assertTrue(layers.list().containsAll(two.layers()));
    List<Images.Removal> removals = images.remove(caller, name + ":2", false, true);

    Digest chain = ChainIds.of(List.of(Digest.of(base), Digest.of(top))).get(1);
    assertEquals(
        List.of(
            new Images.Removal(name + ":2", null), new Images.Removal(null, two.id()), new Images.Removal(null, chain.toString()), new Images.Removal(null, Digest.of(base).toString())),
        removals);
    assertTrue(layers.list().stream().noneMatch(two.layers()::contains));
    assertFalse(blobs.has(Digest.of(base), base.length));
  }

  @Test
  void tellsWhichTagsALoadTookAway() {
    byte[] old = Archives.layer(name + "old");
    byte[] fresh = Archives.layer(name + "fresh");
    Images.Image before = images.load(caller, stream(Archives.tar(Archives.legacy(name + ":1", Archives.config(old), old))), line -> {}).get(0);
    List<String> said = new ArrayList<>();

    images.load(caller, stream(Archives.tar(Archives.legacy(name + ":1", Archives.config(fresh), fresh))), said::add);

    assertEquals(
        List.of("The image " + name + ":1 already exists, renaming the old one with ID " + before.id() + " to empty string", "Loaded image: " + name + ":1"), said);
    assertEquals(List.of(), images.inspect(caller, before.id()).tags());
    assertTrue(images.list(caller, new Images.ImageFilter(List.of(), List.of(), true, null, null)).stream().anyMatch(each -> each.id().equals(before.id())));
  }

  @Test
  void loadsAllOrNothing() {
    byte[] good = Archives.layer(name);
    Map<String, byte[]> files = Archives.legacy(name + ":good", Archives.config(good), good);
    files.put("bad.json", Archives.config(Archives.layer(name + "missing")));
    String manifest = new String(files.get("manifest.json"), StandardCharsets.UTF_8);
    files.put("manifest.json", bytes(manifest.replaceFirst("\\]$", ",{\"Config\":\"bad.json\",\"RepoTags\":[\"" + name + ":bad\"],\"Layers\":[\"layer0/layer.tar\"]}]")));
    int stored = layers.list().size();

    TallymanException refusal = assertThrows(TallymanException.class, () -> images.load(caller, stream(Archives.tar(files)), line -> {}));

    assertEquals(ErrorKind.INVALID, refusal.kind());
    assertThrows(TallymanException.class, () -> images.inspect(caller, name + ":good"));
    assertEquals(stored, layers.list().size());
    assertEquals("image.load failed archive", lastAudit());
  }

  @Test
  void tagsAndUntags() {
    Images.Image image = imported();
    images.tag(caller, name, "localhost:5000/" + name, "v1");

    assertEquals(List.of(name + ":latest", "localhost:5000/" + name + ":v1"), images.inspect(caller, image.id()).tags());
    assertEquals(List.of(new Images.Removal("localhost:5000/" + name + ":v1", null)), images.remove(caller, "localhost:5000/" + name + ":v1", false, true));
    images.tag(caller, name, name, "two");
    assertEquals(
        "conflict: unable to delete " + image.id().substring(7, 19) + " (must be forced) - image is referenced in multiple repositories",
        assertThrows(TallymanException.class, () -> images.remove(caller, image.id(), false, true)).getMessage());
    assertEquals(3 + 1, images.remove(caller, image.id().substring(7, 17), true, true).size());
  }

  @Test
  void commitsOnTopOfAParent() {
    Images.Image parent = imported();
    byte[] changes = Archives.layer(name + "changes");
    Images.Image child = images.commit(caller, name, stream(changes), parent.config(), name + ":child", new Images.Origin("me", "done", "c0ffee"));
    Images.Image same = images.commit(caller, name, stream(new byte[0]), parent.config(), null, new Images.Origin("", "", ""));

    assertEquals(parent.id(), child.parent());
    assertEquals(List.of(parent.diffIds().get(0), Digest.of(changes).toString()), child.diffIds());
    assertEquals("done", images.history(caller, child.id()).get(0).comment());
    assertEquals(2, images.history(caller, child.id()).size());
    assertTrue(child.configJson().contains("\"container\":\"c0ffee\""), child.configJson());
    assertEquals(parent.diffIds(), same.diffIds());
    images.remove(caller, same.id(), false, false);
    assertEquals(
        "conflict: unable to delete " + parent.id().substring(7, 19) + " (cannot be forced) - image has dependent child images",
        assertThrows(TallymanException.class, () -> images.remove(caller, parent.id(), true, true)).getMessage());
  }

  @Test
  void speaksDockersWordsForWhatIsAbsent() {
    assertEquals("No such image: nope:latest", absent("nope"));
    assertEquals("No such image: nope:1", absent("nope:1"));
    assertEquals("No such image: sha256:" + "0".repeat(64), absent("sha256:" + "0".repeat(64)));
    assertEquals(ErrorKind.INVALID, assertThrows(TallymanException.class, () -> images.inspect(caller, "UPPER")).kind());
  }

  @Test
  void filtersLists() {
    imported();
    images.tag(caller, name, name + "x", "2");

    assertEquals(List.of(List.of(name + ":latest")), tags(new Images.ImageFilter(List.of(name), List.of(), null, null, null)));
    assertEquals(List.of(List.of(name + ":latest", name + "x:2")), tags(new Images.ImageFilter(List.of(name + "*:*"), List.of("made=here"), false, null, null)));
    assertEquals(List.of(), tags(new Images.ImageFilter(List.of(name), List.of("made=there"), null, null, null)));
    assertEquals(List.of(), tags(new Images.ImageFilter(List.of(name), List.of(), null, Instant.EPOCH, null)));
    assertEquals(1, tags(new Images.ImageFilter(List.of(name), List.of(), null, null, Instant.EPOCH)).size());
  }

  @Test
  void letsViewersLookAndSaveOnly() {
    imported();
    Caller viewer = accounts.caller(Role.VIEWER);

    images.inspect(viewer, name);
    images.save(viewer, List.of(name), new ByteArrayOutputStream());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> images.remove(viewer, name, true, true)).kind());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> images.tag(viewer, name, "x", "1")).kind());
    assertEquals(ErrorKind.DENIED, assertThrows(TallymanException.class, () -> images.importTar(viewer, stream(Archives.layer("v")), null, List.of(), "")).kind());
    assertEquals("image.import refused (no name)", lastAudit());
  }

  @Test
  void prunesOnlyWhatHasNoTag() {
    imported();
    byte[] layer = Archives.layer(name + "dangling");
    Images.Image dangling = images.load(caller, stream(Archives.tar(Archives.legacy(null, Archives.config(layer), layer))), line -> {}).get(0);

    Images.Pruned pruned = images.prune(caller, true, List.of("made=here"), null);

    assertTrue(pruned.removals().contains(new Images.Removal(null, dangling.id())));
    assertTrue(pruned.reclaimedBytes() > 0);
    images.inspect(caller, name);
  }

  @Test
  void reconcilesDiskAndInventory() throws Exception {
    Images.Image image = imported();
    byte[] orphan = Archives.layer(name + "orphan");
    BlobStore.Draft blob = blobs.draft();
    blob.write(orphan, 0, orphan.length);
    blobs.publish(blob);
    String lost = "f".repeat(56) + name.substring(1);
    layers.unpack(lost, stream(orphan));
    layers.remove(image.layers().get(0));

    reconciliation.reconcile();
    reconciliation.reconcile();

    assertFalse(layers.list().contains(lost));
    assertFalse(blobs.has(Digest.of(orphan), orphan.length));
    assertTrue(layers.list().contains(image.layers().get(0)));
  }

  @Test
  void mendsADamagedLayerWhenItComesAgain() {
    byte[] layer = Archives.layer(name);
    byte[] archive = Archives.tar(Archives.legacy(name + ":1", Archives.config(layer), layer));
    Images.Image image = images.load(caller, stream(archive), line -> {}).get(0);
    blobs.delete(Digest.of(layer));
    reconciliation.reconcile();
    assertEquals(ErrorKind.INTERNAL, assertThrows(TallymanException.class, () -> save(name + ":1")).kind());

    images.load(caller, stream(archive), line -> {});

    assertTrue(save(name + ":1").length > layer.length);
    assertTrue(layers.list().containsAll(images.inspect(caller, image.id()).layers()));
  }

  private List<List<String>> tags(Images.ImageFilter filter) {
    return images.list(caller, filter).stream().map(Images.Image::tags).toList();
  }

  private Images.Image imported() {
    return images.importTar(caller, stream(Archives.layer(name)), name, List.of("LABEL made=here"), "");
  }

  private String absent(String wanted) {
    TallymanException refusal = assertThrows(TallymanException.class, () -> images.inspect(caller, wanted));
    assertEquals(ErrorKind.NOT_FOUND, refusal.kind());
    return refusal.getMessage();
  }

  private byte[] save(String... names) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    images.save(caller, List.of(names), out);
    return out.toByteArray();
  }

  private String lastAudit() {
    AuditTrail.AuditRow row = audit.list(caller, AuditFilter.newest(1)).get(0);
    return row.action() + " " + row.outcome() + " " + row.object();
  }

  private static InputStream stream(byte[] bytes) {
    return new ByteArrayInputStream(bytes);
  }
}
