package dev.tallyman.stats;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.ResourceUse;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Puts counters of a container and of the machine together to samples. */
@ApplicationScoped
class StatsService implements Stats {
  private final Containers containers;
  private final ResourceUse resources;

  StatsService(Containers containers, ResourceUse resources) {
    this.containers = containers;
    this.resources = resources;
  }

  @Override
  public Sample sample(Caller caller, String name) {
    Container container = containers.inspect(caller, name);
    Optional<ResourceUse.Use> use = container.state().isAlive() && container.pid() > 0 ? resources.of(container.pid()) : Optional.empty();
    return use.map(found -> sample(container, found, resources.host())).orElseGet(() -> idle(container));
  }

  private static Sample sample(Container container, ResourceUse.Use use, ResourceUse.Host host) {
    ResourceUse.Traffic received = use.received();
    ResourceUse.Traffic sent = use.sent();
    long limit = use.memoryLimitBytes();
    return new Sample(
        Instant.now(), container.id(), container.name(), use.cpuNanos(), use.cpuUserNanos(), use.cpuSystemNanos(), host.cpuNanos(), host.onlineCpus(), use.throttledPeriods(),
        use.throttledNanos(), Math.max(0, use.memoryUsageBytes() - use.inactiveFileBytes()), use.memoryUsageBytes(), use.memoryMaxUsageBytes(), use.memoryCacheBytes(),
        limit == 0 ? host.memoryBytes() : Math.min(limit, host.memoryBytes()), use.pids(), use.pidsLimit(), received.bytes(), received.packets(), received.errors(),
        received.dropped(), sent.bytes(), sent.packets(), sent.errors(), sent.dropped(), use.readBytes(), use.writtenBytes(), use.links(), use.details());
  }

  private static Sample idle(Container container) {
    return new Sample(Instant.now(), container.id(), container.name(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of(), ResourceUse.Details.none());
  }
}
