package dev.tallyman.testing;

import dev.tallyman.kernel.ResourceUse;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Counters of the {@link FakeKernel}: a running container uses half a CPU, 8 MiB (1 MiB of it droppable) and one process. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeResourceUse implements ResourceUse {
  private final FakeKernel kernel;

  public FakeResourceUse(FakeKernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public Optional<Use> of(int pid) {
    synchronized (kernel) {
      return kernel.containers.values().stream().filter(each -> each.isRunning() && each.process.setup.pid() == pid).findFirst().map(FakeResourceUse::use);
    }
  }

  private static Use use(FakeContainer container) {
    long cpu = Duration.between(container.process.startedAt, Instant.now()).toNanos() / 2;
    return new Use(
        cpu, cpu / 2, cpu / 2, 0, 0, 8 << 20, 9 << 20, 2 << 20, 1 << 20, container.limits.memoryBytes(), 1, container.limits.pids(), new Traffic(1000, 10, 0, 0),
        new Traffic(500, 5, 0, 0), 4096, 8192, List.of(new Link("eth0", new Traffic(1000, 10, 0, 0), new Traffic(500, 5, 0, 0))),
        new Details(
            List.of(cpu, 0L), 3, Map.of("total_inactive_file", 1L << 20, "total_cache", 2L << 20), 4, List.of(new DeviceCount(254, 0, "Read", 4096), new DeviceCount(254, 0, "Write", 8192)),
            List.of(new DeviceCount(254, 0, "Read", 1)), true));
  }

  @Override
  public Host host() {
    return new Host(System.nanoTime() * 2, 2, 8L << 30);
  }
}
