package dev.tallyman.kernel;

import java.util.List;
import java.util.Optional;

/** Counters of the machine and of containers. */
public interface ResourceUse {
  /**
   * Counters of a container's control group and network links.
   *
   * @param pid host pid of its first process, greater than 0
   * @return absent when it has ended
   */
  Optional<Use> of(int pid);

  Host host();

  /**
   * Since the container's start. A counter that the kernel does not offer is 0.
   *
   * @param memoryUsageBytes all that is charged to it, page cache included; inactiveFileBytes the part of it that can be dropped at once
   * @param memoryLimitBytes 0 = none; pidsLimit likewise
   * @param received over all links but lo; links the same for each of them
   */
  record Use(
      long cpuNanos, long cpuUserNanos, long cpuSystemNanos, long throttledPeriods, long throttledNanos, long memoryUsageBytes, long memoryMaxUsageBytes, long memoryCacheBytes,
      long inactiveFileBytes, long memoryLimitBytes, long pids, long pidsLimit, Traffic received, Traffic sent, long readBytes, long writtenBytes, List<Link> links) {
    public Use {
      links = List.copyOf(links);
    }
  }

  /** A link of the container but lo, e.g. eth0. */
  record Link(String name, Traffic received, Traffic sent) {}

  record Traffic(long bytes, long packets, long errors, long dropped) {
    public static Traffic none() {
      return new Traffic(0, 0, 0, 0);
    }
  }

  /** @param cpuNanos of all CPUs, idle time included, since the machine's start */
  record Host(long cpuNanos, int onlineCpus, long memoryBytes) {}
}
