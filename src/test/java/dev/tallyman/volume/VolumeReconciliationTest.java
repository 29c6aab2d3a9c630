package dev.tallyman.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.Logged;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.volume.Volumes.NewVolume;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the server makes of the folders that it finds when it comes back. */
@QuarkusTest
class VolumeReconciliationTest {
  @Inject Volumes volumes;
  @Inject VolumeFolders folders;
  @Inject VolumeReconciliation reconciliation;
  @Inject FakeKernel kernel;
  @Inject TestAccounts accounts;
  private final List<Volume> made = new ArrayList<>();
  private Caller admin;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    kernel.hasProjectQuotas = true;
  }

  @AfterEach
  void removeAll() {
    kernel.hasProjectQuotas = false;
    made.forEach(each -> volumes.remove(admin, each.name(), true));
  }

  private Volume volume(String size) {
    Volume volume = volumes.create(admin, NewVolume.limited("v" + UUID.randomUUID().toString().substring(0, 8), size));
    made.add(volume);
    return volume;
  }

  @Test
  void setsLimitsAgain() {
    Volume volume = volume("1k");
    kernel.loseLimits();

    reconciliation.reconcile();

    assertEquals(1024, kernel.limitOf(volume.id()));
  }

  @Test
  void makesLostOnesAgainWithTheirLimits() {
    Volume volume = volume("1k");
    folders.remove(volume.id());

    try (Logged logged = Logged.of(VolumeReconciliation.class)) {
      reconciliation.reconcile();

      assertEquals(1, logged.with("the files of volume " + volume.name()).size());
      assertEquals(List.of(), logged.with("is not kept"));
    }
    assertTrue(folders.isEmpty(volume.id()));
    assertEquals(1024, kernel.limitOf(volume.id()));
  }

  @Test
  void tellsWhichLimitsAreNotKeptAndGoesOn() {
    Volume there = volume("1k");
    List<Volume> lost = List.of(volume("1k"), volume("2k"), volume(""));
    lost.forEach(each -> folders.remove(each.id()));
    folders.create("f".repeat(64));
    kernel.hasProjectQuotas = false;

    try (Logged logged = Logged.of(VolumeReconciliation.class)) {
      reconciliation.reconcile();

      assertEquals(3, logged.with("is not kept").size());
      assertEquals(1, logged.with("the size limit of volume " + there.name() + " of team").size());
    }
    lost.forEach(each -> assertTrue(folders.isEmpty(each.id()), "its containers can start"));
    assertFalse(folders.list().contains("f".repeat(64)), "what comes after them is done too");
  }
}
