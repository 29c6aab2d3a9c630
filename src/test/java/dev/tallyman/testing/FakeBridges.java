package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.List;

/** Bridges in memory. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeBridges implements Bridges {
  private final FakeKernel kernel;

  public FakeBridges(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void up(String network, String gateway, int prefix, boolean isInternal) {
    FakeSandboxes.requireId(network);
    if (prefix < 8 || prefix > 30) {
      throw new KernelException(ErrorKind.INVALID, "prefix is out of range");
    }
    synchronized (kernel) {
      kernel.networks.add(network);
    }
  }

  @Override
  public void down(String network) {
    synchronized (kernel) {
      boolean isUsed = kernel.containers.values().stream().anyMatch(each -> each.isRunning() && isOn(each.spec, network));
      if (isUsed) {
        throw new KernelException(ErrorKind.CONFLICT, "the network has running containers");
      }
      kernel.networks.remove(network);
    }
  }

  private static boolean isOn(SandboxSpec spec, String network) {
    return spec.network() instanceof SandboxSpec.Network.Bridge bridge && bridge.network().equals(network);
  }

  @Override
  public List<String> list() {
    synchronized (kernel) {
      return List.copyOf(kernel.networks);
    }
  }
}
