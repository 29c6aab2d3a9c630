package dev.tallyman.clients;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.dockerjava.api.model.Container;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** Testcontainers with a reaper, which uses the engine from a container; java-clients.sh looks whether it cleaned up after this virtual machine had ended. */
@Tag("clients")
@Timeout(90)
class ReaperIT {
  @Test
  @SuppressWarnings("resource") // not closed: that is the reaper's work
  void leavesItsContainersToTheReaper() {
    GenericContainer<?> left = new GenericContainer<>(DockerImageName.parse("busybox:latest")).withCommand("sleep", "1000").withLabel("of", "the-reaper-test");
    left.start();

    List<Container> reapers = DockerClientFactory.lazyClient().listContainersCmd().withNameFilter(List.of("testcontainers-ryuk")).exec();
    assertEquals(1, reapers.size());
    assertTrue(left.isRunning());
    assertFalse(left.getContainerInfo().getConfig().getLabels().get("org.testcontainers.sessionId").isEmpty());
  }
}
