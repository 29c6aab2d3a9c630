package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What containers mean for a removal; they are given by the test here. */
@QuarkusTest
class ImageRemovalTest {
  private static final Images.Users.User STOPPED = new Images.Users.User("abcdef012345" + "0".repeat(52), "web", false, false);
  private static final Images.Users.User RUNNING = new Images.Users.User("123456789abc" + "0".repeat(52), "api", true, false);
  private static final Images.Users.User MOUNTED = new Images.Users.User("fedcba987654" + "0".repeat(52), "job", false, true);

  @Inject Images images;
  @Inject ImageStore store;
  @Inject ImageInventory inventory;
  @Inject TestAccounts accounts;

  private Caller caller;
  private String name;
  private Images.Image image;
  private String shortId;
  private List<Images.Users.User> users = List.of();

  @BeforeEach
  void start() {
    caller = accounts.caller(Role.MEMBER);
    name = "r" + UUID.randomUUID().toString().substring(0, 8);
    image = images.importTar(caller, new ByteArrayInputStream(Archives.layer(name)), name, List.of(), "");
    shortId = image.id().substring(7, 19);
  }

  @Test
  void refusesTheLastNameOfAnImageInUse() {
    users = List.of(STOPPED);

    assertEquals(
        "conflict: unable to remove repository reference \"" + name + "\" (must force) - container abcdef012345 is using its referenced image " + shortId, conflict(name, false));
    assertEquals(List.of(name + ":latest"), images.inspect(caller, image.id()).tags());
  }

  @Test
  void takesASecondNameOfAnImageInUse() {
    users = List.of(RUNNING);
    images.tag(caller, name, name, "two");

    assertEquals(List.of(new Images.Removal(name + ":two", null)), remove(name + ":two", false));
  }

  @Test
  void refusesAnIdInUse() {
    users = List.of(STOPPED);
    assertEquals("conflict: unable to delete " + shortId + " (must be forced) - image is being used by stopped container abcdef012345", conflict(shortId, false));

    users = List.of(RUNNING, STOPPED);
    assertEquals("conflict: unable to delete " + shortId + " (cannot be forced) - image is being used by running container 123456789abc", conflict(shortId, true));
  }

  @Test
  void onlyUntagsTheImageOfARunningContainerWhenForced() {
    users = List.of(RUNNING);

    assertEquals(List.of(new Images.Removal(name + ":latest", null)), remove(name, true));
    assertEquals(List.of(), images.inspect(caller, image.id()).tags());
  }

  @Test
  void keepsItsNameForAContainerThatHasItMountedButNotItsId() {
    users = List.of(MOUNTED);

    assertEquals(
        "conflict: unable to remove repository reference \"" + name + "\" (must force) - container fedcba987654 is using its referenced image " + shortId, conflict(name, false));
    assertEquals(List.of(new Images.Removal(name + ":latest", null), new Images.Removal(null, image.id())), remove(shortId, false), "its layers stay, as with dockerd");
  }

  @Test
  void keepsTheLayersOfAForcedRemovalForTheStoppedContainer() {
    users = List.of(STOPPED);

    List<Images.Removal> removals = remove(name, true);

    assertEquals(List.of(new Images.Removal(name + ":latest", null), new Images.Removal(null, image.id())), removals);
    assertThrows(TallymanException.class, () -> images.inspect(caller, image.id()));
    assertTrue(store.layerByDiffId(Digest.parse(image.diffIds().get(0))).isPresent());
    assertEquals(image.layers(), images.importTar(caller, new ByteArrayInputStream(Archives.layer(name)), name, List.of(), "").layers());
  }

  private String conflict(String wanted, boolean isForced) {
    return assertThrows(TallymanException.class, () -> remove(wanted, isForced)).getMessage();
  }

  private List<Images.Removal> remove(String wanted, boolean isForced) {
    ImageStore.ImageRow row = store.image(caller.team(), Digest.parse(image.id())).orElseThrow();
    return inventory.change(orphans -> new ArrayList<>(new ImageRemoval(store, any -> users, caller, orphans).remove(row, wanted, isForced, true).removals()));
  }
}
