package dev.tallyman.kernel;

import java.util.List;
import java.util.Map;
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
   * @param details what only tools for measuring look at
   */
  record Use(
      long cpuNanos, long cpuUserNanos, long cpuSystemNanos, long throttledPeriods, long throttledNanos, long memoryUsageBytes, long memoryMaxUsageBytes, long memoryCacheBytes,
      long inactiveFileBytes, long memoryLimitBytes, long pids, long pidsLimit, Traffic received, Traffic sent, long readBytes, long writtenBytes, List<Link> links, Details details) {
    public Use {
      links = List.copyOf(links);
    }
  }

  /**
   * In the kernel's own words, which are others in each version of control groups.
   *
   * @param perCpuNanos of each processor; empty where the kernel does not tell
   * @param memory lines of memory.stat; memoryFailures how often the limit was met
   * @param transferred bytes by device; operations likewise, empty where they are not told
   * @param isOfVersionOne the devices' numbers are those of a control group of version 1
   */
  record Details(
      List<Long> perCpuNanos, long throttlingPeriods, Map<String, Long> memory, long memoryFailures, List<DeviceCount> transferred, List<DeviceCount> operations, boolean isOfVersionOne) {
    public Details {
      perCpuNanos = List.copyOf(perCpuNanos);
      memory = Map.copyOf(memory);
      transferred = List.copyOf(transferred);
      operations = List.copyOf(operations);
    }

    public static Details none() {
      return new Details(List.of(), 0, Map.of(), 0, List.of(), List.of(), false);
    }
  }

  /** @param operation e.g. Read or read */
  record DeviceCount(int major, int minor, String operation, long value) {}

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
