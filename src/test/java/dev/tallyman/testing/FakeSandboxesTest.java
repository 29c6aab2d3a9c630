package dev.tallyman.testing;

import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.SandboxesContract;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** The kernel in memory keeps the promises of the real one, so that tests on top of it mean something. */
class FakeSandboxesTest extends SandboxesContract {
  private static final String LAYER = "a".repeat(64);
  private static final String NETWORK = "b".repeat(64);

  private final FakeKernel kernel = new FakeKernel();
  private final FakeSandboxes sandboxes = new FakeSandboxes(kernel);

  @AfterEach
  void close() {
    kernel.close();
  }

  @Override
  protected Sandboxes sandboxes() {
    return sandboxes;
  }

  @Override
  protected Bridges bridges() {
    return new FakeBridges(kernel);
  }

  @Override
  protected List<String> layers() {
    kernel.addLayer(LAYER, "bin/sh");
    return List.of(LAYER);
  }

  @Override
  protected String network() {
    new FakeBridges(kernel).up(Bridges.Bridge.plain(NETWORK, "10.88.77.1", 24));
    return NETWORK;
  }
}
