package dev.tallyman.stats;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.ResourceUse;
import java.time.Instant;
import java.util.List;

/** Use of the machine by containers, read from cgroup files and link counters. */
public interface Stats {
  /** One sample now; all zero for a container that does not run. */
  Sample sample(Caller caller, String container);

  /**
   * @param cpuNanos total CPU time since start; systemCpuNanos of all host CPUs
   * @param links counters of each network link; those before are their sums
   * @param details as the kernel tells them, by processor, kind of memory and device
   * @param memoryBytes without inactive page cache, as docker stats shows; memoryLimitBytes the container's or the host's
   */
  record Sample(
      Instant readAt, String containerId, String name, long cpuNanos, long cpuUserNanos, long cpuSystemNanos, long systemCpuNanos, int onlineCpus, long throttledPeriods,
      long throttledNanos, long memoryBytes, long memoryUsageBytes, long memoryMaxUsageBytes, long memoryCacheBytes, long memoryLimitBytes, long pids, long pidsLimit,
      long receivedBytes, long receivedPackets, long receiveErrors, long receiveDropped, long sentBytes, long sentPackets, long sendErrors, long sendDropped, long readBytes,
      long writtenBytes, List<ResourceUse.Link> links, ResourceUse.Details details) {
    /** Percent of one CPU since an earlier sample, times the CPUs, as docker stats computes it. */
    public double cpuPercentSince(Sample earlier) {
      double system = systemCpuNanos - earlier.systemCpuNanos;
      return system <= 0 ? 0 : Math.max(0, (cpuNanos - earlier.cpuNanos) / system * onlineCpus * 100);
    }
  }
}
