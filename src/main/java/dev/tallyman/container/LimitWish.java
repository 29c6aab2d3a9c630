package dev.tallyman.container;

import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.unit.ByteSize;
import org.jspecify.annotations.Nullable;

/**
 * Limits as a body of the REST API gives them; what is absent is no limit at create and stays as it is at a change.
 *
 * @param memory e.g. {@code 64m}; memoryReservation likewise
 * @param memorySwap memory and swap together, or {@code -1} = any amount of swap
 * @param pids processes, or -1 = as many as the host's policy allows
 * @param cpus processors, e.g. 0.5, or -1 likewise; cpuShares their weight, 1024 = the usual one; cpuset which of them, e.g. {@code 0-2,4}
 */
record LimitWish(
    @Nullable String memory, @Nullable String memorySwap, @Nullable String memoryReservation, @Nullable Double cpus, @Nullable Long cpuShares, @Nullable String cpuset, @Nullable Long pids,
    @Nullable FineLimits fine) {
  private static final String ANY = "-1";

  /** @throws dev.tallyman.error.TallymanException INVALID */
  Limits read() {
    if (cpus != null && cpus != -1 && !(cpus >= 0.01 && cpus <= 100_000)) {
      throw Refusal.invalid("the field 'cpus' must be a number of processors from 0.01, or -1 for as many as the host allows");
    }
    long quota = cpus == null ? 0 : cpus == -1 ? -1 : Math.round(cpus * 100_000);
    return new Limits(
        bytes(memory), ANY.equals(memorySwap) ? -1 : bytes(memorySwap), bytes(memoryReservation), pids == null ? 0 : pids, quota, quota == 0 ? 0 : 100_000,
        cpuShares == null ? 0 : cpuShares, cpuset == null ? "" : cpuset, fine == null ? FineLimits.none() : fine, false);
  }

  private static long bytes(@Nullable String size) {
    return size == null ? 0 : ByteSize.parse(size).bytes();
  }
}
