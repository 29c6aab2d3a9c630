package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.kernel.Layers;
import dev.tallyman.testing.TestAccounts;
import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One layer on disk, several images and teams that stand on it. */
@QuarkusTest
class ImageSharingTest {
  private static final long OTHER_TEAM = 7_003;

  @Inject Images images;
  @Inject ImageStore store;
  @Inject BlobStore blobs;
  @Inject Layers layers;
  @Inject TestAccounts accounts;
  @Inject AgroalDataSource source;

  private Caller ours;
  private Caller theirs;
  private String name;
  private byte[] layer;
  private byte[] archive;

  @BeforeEach
  void start() {
    Sql sql = new Sql(source);
    if (sql.list("select id from teams where id = ?", row -> row.getLong(1), OTHER_TEAM).isEmpty()) {
      sql.update("insert into teams (id, name) values (?, ?)", OTHER_TEAM, "others");
    }
    ours = accounts.caller(Role.MEMBER);
    theirs = new Caller(1, "eve", Role.MEMBER, OTHER_TEAM, "others", Way.REST, null, Origin.none());
    name = "s" + UUID.randomUUID().toString().substring(0, 8);
    layer = Archives.layer(name);
    archive = Archives.tar(Archives.legacy(name + ":1", Archives.config(layer), layer));
  }

  @Test
  void hidesImagesFromOtherTeams() {
    Images.Image image = load(ours);

    for (String wanted : List.of(name + ":1", image.id(), image.id().substring(7, 30), name + "@" + image.id())) {
      assertEquals(ErrorKind.NOT_FOUND, assertThrows(TallymanException.class, () -> images.inspect(theirs, wanted)).kind());
    }
    assertTrue(images.list(theirs, Images.ImageFilter.all()).stream().noneMatch(each -> each.id().equals(image.id())));
    assertThrows(TallymanException.class, () -> images.remove(theirs, image.id(), true, true));
    assertEquals(image, images.inspect(ours, name + "@" + image.id()));
  }

  @Test
  void givesNoImageForAKnownDigestWithoutItsBytes() {
    load(ours);
    Map<String, byte[]> theft = Archives.layout(name + ":stolen", Archives.config(layer), layer);
    theft.remove("blobs/sha256/" + Digest.of(layer).hex());
    Map<String, byte[]> lie = Archives.layout(name + ":stolen", Archives.config(layer), layer);
    lie.put("blobs/sha256/" + Digest.of(layer).hex(), Archives.layer("something else"));

    assertThrows(TallymanException.class, () -> images.load(theirs, new ByteArrayInputStream(Archives.tar(theft)), line -> {}));
    assertThrows(TallymanException.class, () -> images.load(theirs, new ByteArrayInputStream(Archives.tar(lie)), line -> {}));
    assertThrows(TallymanException.class, () -> images.inspect(theirs, name + ":stolen"));
  }

  @Test
  void keepsALayerForTheOtherTeam() {
    Images.Image our = load(ours);
    Images.Image their = load(theirs);
    assertEquals(our.layers(), their.layers());

    images.remove(ours, name + ":1", false, true);
    assertTrue(layers.list().containsAll(their.layers()));
    assertEquals(List.of(name + ":1"), images.inspect(theirs, their.id()).tags());

    images.remove(theirs, name + ":1", false, true);
    assertFalse(layers.list().containsAll(their.layers()));
  }

  @Test
  void keepsDiskAndInventoryInStepUnderParallelLoadsAndRemovals() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Caller caller = i % 2 == 0 ? ours : theirs;
      running.add(threads.submit(() -> loadAndRemove(caller)));
    }
    for (Future<?> each : running) {
      each.get();
    }
    threads.shutdown();

    Images.Image image = load(ours);
    ImageStore.LayerRow row = store.layerByDiffId(Digest.of(layer)).orElseThrow();
    assertEquals(List.of(row.store()), image.layers());
    assertTrue(layers.list().contains(row.store()));
    assertTrue(blobs.has(row.blob(), row.blobBytes()));
    assertEquals(store.layers().stream().map(ImageStore.LayerRow::store).sorted().toList(), layers.list().stream().sorted().toList());
  }

  private void loadAndRemove(Caller caller) {
    for (int i = 0; i < 15; i++) {
      try {
        load(caller);
        images.remove(caller, name + ":1", false, true);
      } catch (TallymanException e) {
        // The other thread of the team was quicker, or took the layer between two looks: both are told, neither may leave a mess.
        assertTrue(e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.CONFLICT, e::getMessage);
      }
    }
  }

  private Images.Image load(Caller caller) {
    return images.load(caller, new ByteArrayInputStream(archive), line -> {}).get(0);
  }
}
