package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.container.ContainerSpec.PortBinding;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.WaitCondition;
import dev.tallyman.identity.Caller;
import dev.tallyman.network.Networks;
import dev.tallyman.network.NewNetwork;
import dev.tallyman.testing.FakeKernel;
import dev.tallyman.testing.TestAccounts;
import dev.tallyman.testing.TestImages;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When the kernel side of an ended container goes. */
@QuarkusTest
class CleaningTest {
  @Inject Containers containers;
  @Inject Cleaning cleaning;
  @Inject Networks networks;
  @Inject FakeKernel kernel;
  @Inject TestAccounts accounts;
  @Inject TestImages images;
  private Caller admin;

  @BeforeEach
  void prepare() {
    admin = accounts.admin();
    images.busybox();
  }

  @AfterEach
  void removeAll() {
    containers.list(admin, ContainerFilter.all()).forEach(each -> containers.remove(admin, each.id(), true, true));
  }

  private String ended(Specs specs) throws Exception {
    String id = containers.create(admin, specs.build()).id();
    containers.start(admin, id);
    containers.wait(admin, id, WaitCondition.NOT_RUNNING).get(10, TimeUnit.SECONDS);
    return id;
  }

  private static void pause() {
    LockSupport.parkNanos(2 * Cleaning.PAUSE.toNanos());
  }

  @Test
  void goesALittleAfterTheEnd() throws Exception {
    String id = ended(Specs.of("true"));

    for (int i = 0; i < 100 && !kernel.isCleaned(id); i++) {
      pause();
    }

    assertTrue(kernel.isCleaned(id));
    assertFalse(cleaning.take(id));
  }

  @Test
  void goesWithARemovalThatFollows() throws Exception {
    String id = ended(Specs.of("true"));

    containers.remove(admin, id, false, false);

    pause();
    assertFalse(kernel.isCleaned(id));
  }

  /** Its address is given up then, and a removal of the network that follows would find the container on it. */
  @Test
  void goesBeforeItLeavesANetwork() throws Exception {
    Specs specs = Specs.of("true");
    specs.network = networks.create(admin, new NewNetwork("left", "", false, false, false, List.of(), Map.of(), Map.of())).id();
    try {
      String id = ended(specs);

      containers.disconnect(admin, id, "left");

      assertTrue(kernel.isCleaned(id));
    } finally {
      removeAll();
      networks.remove(admin, "left");
    }
  }

  @Test
  void sparesWhatWasStartedAgain() throws Exception {
    String id = containers.create(admin, Specs.of("sleep", "60").build()).id();
    containers.start(admin, id);
    containers.stop(admin, id, null, 0);
    containers.start(admin, id);

    pause();
    assertFalse(cleaning.flush());

    assertFalse(kernel.isCleaned(id));
  }

  @Test
  void goesWhenTheServerStops() throws Exception {
    String id = ended(Specs.of("true"));

    cleaning.flush();

    assertTrue(kernel.isCleaned(id));
  }

  @Test
  void comesBeforeTheEndIsToldWhereItHoldsPorts() throws Exception {
    Specs specs = Specs.of("true");
    specs.ports.add(new PortBinding("80/tcp", "127.0.0.1", "18099"));

    String id = ended(specs);

    assertTrue(kernel.isCleaned(id));
    assertEquals(ContainerState.EXITED, containers.inspect(admin, id).state());
  }
}
