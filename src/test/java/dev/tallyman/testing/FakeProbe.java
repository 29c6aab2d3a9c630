package dev.tallyman.testing;

import dev.tallyman.kernel.KernelProbe;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Says what the {@link FakeKernel} allows. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeProbe implements KernelProbe {
  private final FakeKernel kernel;

  public FakeProbe(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public Map<String, String> facts() {
    return Map.of("kernel", "6.1.0-fake", "cgroup", "v2", "seccomp", "yes");
  }

  @Override
  public Optional<String> obstacle() {
    return kernel.obstacle.isEmpty() ? Optional.empty() : Optional.of(kernel.obstacle);
  }

  @Override
  public Optional<String> anchor(String head) {
    synchronized (kernel) {
      List<String> anchors = kernel.anchors;
      Optional<String> before = anchors.isEmpty() ? Optional.empty() : Optional.of(anchors.get(anchors.size() - 1));
      anchors.add(head);
      return before;
    }
  }
}
