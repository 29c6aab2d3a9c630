package dev.tallyman.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tallyman.container.Containers;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestContainers;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ImagePruningTest {
  @Inject TestAccounts accounts;
  @Inject TestContainers containers;
  @Inject Containers all;
  @Inject Images images;

  private final String name = "d" + UUID.randomUUID().toString().substring(0, 8);
  private Caller member;

  @BeforeEach
  void comeIn() {
    member = accounts.caller(Role.MEMBER);
  }

  /** One file of so many bytes, which no other test has. */
  private static byte[] layer(String content, int bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      TarArchiveEntry file = new TarArchiveEntry(content);
      file.setSize(bytes);
      tar.putArchiveEntry(file);
      tar.write(new byte[bytes]);
      tar.closeArchiveEntry();
    }
    return out.toByteArray();
  }

  /** A layer that an image which stays has too is not given back, and is not promised. */
  @Test
  void promisesWhatAPruneGivesBack() throws IOException {
    Images.Image below = images.importTar(member, new ByteArrayInputStream(layer("below" + name, 3000)), name, List.of(), "");
    Images.Image above = images.commit(member, below.id(), new ByteArrayInputStream(layer("above" + name, 500)), below.config(), name + ":above", new Images.Origin("", "", ""));
    assertEquals(List.of(name + ":above"), images.inspect(member, above.id()).tags());

    assertFalse(images.prunable(member, false).contains(below.id()), "another image was made from it");
    long promised = images.reclaimable(member, Set.of(above.id()));
    Images.Pruned pruned = images.prune(member, Set.of(above.id()));
    long rest = images.reclaimable(member, Set.of(below.id()));

    assertEquals(500, promised);
    assertEquals(promised, pruned.reclaimedBytes());
    assertEquals(3000, rest);
    assertEquals(List.of(), images.prune(member, Set.of("sha256:" + "0".repeat(64))).removals());
    assertEquals(below.id(), images.inspect(member, name).id());
    images.prune(member, Set.of(below.id()));
  }

  @Test
  void leavesAnImageThatGotAContainer() {
    String container = containers.created(member, "true");
    String id = images.inspect(member, TestContainers.IMAGE).id();

    assertEquals(List.of(), images.prune(member, Set.of(id)).removals());
    assertEquals(id, images.inspect(member, TestContainers.IMAGE).id());
    all.remove(member, container, true, true);
  }
}
