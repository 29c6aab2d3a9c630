package dev.tallyman.container;

import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.regex.Pattern;

/** Which limits make sense; texts are Docker's. */
final class LimitRules {
  private static final long MIN_MEMORY_BYTES = 6 << 20;
  private static final long MIN_QUOTA_MICROS = 1000;
  private static final Pattern CPUSET = Pattern.compile("\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*");

  private LimitRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static void check(Limits limits) {
    checkMemory(limits);
    checkCpu(limits);
    if (limits.pids() < -1) {
      throw Refusal.invalid("invalid pids limit: " + limits.pids() + "; a number, or -1 for the host's ceiling");
    }
  }

  private static void checkMemory(Limits limits) {
    if (limits.memoryBytes() < 0 || limits.memoryReservationBytes() < 0 || limits.memorySwapBytes() < -1) {
      throw Refusal.invalid("invalid memory limit: it is negative");
    }
    if (limits.memoryBytes() > 0 && limits.memoryBytes() < MIN_MEMORY_BYTES) {
      throw Refusal.invalid("Minimum memory limit allowed is 6MB");
    }
    if (limits.memorySwapBytes() > 0 && limits.memoryBytes() == 0) {
      throw Refusal.invalid("You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    if (limits.memorySwapBytes() > 0 && limits.memorySwapBytes() < limits.memoryBytes()) {
      throw Refusal.invalid("Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if (limits.memoryReservationBytes() > 0 && limits.memoryReservationBytes() < MIN_MEMORY_BYTES) {
      throw Refusal.invalid("Minimum memory reservation allowed is 6MB");
    }
    if (limits.memoryBytes() > 0 && limits.memoryReservationBytes() > limits.memoryBytes()) {
      throw Refusal.invalid("Minimum memory limit can not be less than memory reservation limit, see usage");
    }
  }

  private static void checkCpu(Limits limits) {
    if (limits.cpuShares() != 0 && (limits.cpuShares() < 2 || limits.cpuShares() > 262144)) {
      throw Refusal.invalid("invalid CPU shares: " + limits.cpuShares() + "; 2 to 262144");
    }
    if (limits.cpuPeriodMicros() != 0 && (limits.cpuPeriodMicros() < 1000 || limits.cpuPeriodMicros() > 1_000_000)) {
      throw Refusal.invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    }
    if (limits.cpuQuotaMicros() != 0 && limits.cpuQuotaMicros() < MIN_QUOTA_MICROS && limits.cpuQuotaMicros() != -1) {
      throw Refusal.invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    int processors = Runtime.getRuntime().availableProcessors();
    long period = limits.cpuPeriodMicros() == 0 ? 100_000 : limits.cpuPeriodMicros();
    if (limits.cpuQuotaMicros() > period * processors) {
      throw Refusal.invalid("Range of CPUs is from 0.01 to " + processors + ".00, as there are only " + processors + " CPUs available");
    }
    if (!limits.cpuset().isEmpty() && !CPUSET.matcher(limits.cpuset()).matches()) {
      throw Refusal.invalid("Invalid value " + limits.cpuset() + " for cpuset cpus");
    }
  }

  /** The limits with those that are not zero in the change. */
  static Limits changed(Limits old, Limits change) {
    return new Limits(
        either(change.memoryBytes(), old.memoryBytes()), either(change.memorySwapBytes(), old.memorySwapBytes()), either(change.memoryReservationBytes(), old.memoryReservationBytes()),
        either(change.pids(), old.pids()), either(change.cpuQuotaMicros(), old.cpuQuotaMicros()), either(change.cpuPeriodMicros(), old.cpuPeriodMicros()),
        either(change.cpuShares(), old.cpuShares()), change.cpuset().isEmpty() ? old.cpuset() : change.cpuset());
  }

  private static long either(long change, long old) {
    return change == 0 ? old : change;
  }
}
