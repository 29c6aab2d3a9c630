package dev.tallyman.container;

import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.regex.Pattern;

/** Which limits make sense; texts are Docker's. */
final class LimitRules {
  private static final long MIN_MEMORY_BYTES = 6 << 20;
  private static final long MIN_QUOTA_MICROS = 1000;
  private static final Pattern CPUSET = Pattern.compile("\\d{1,4}(-\\d{1,4})?(,\\d{1,4}(-\\d{1,4})?)*");

  private static final int MAX_BLOCK_LIMITS = 200;

  private LimitRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static void check(Limits limits) {
    checkMemory(limits);
    checkCpu(limits);
    checkFine(limits.fine());
    if (limits.pids() < -1) {
      throw Refusal.invalid("invalid pids limit: " + limits.pids() + "; a number, or -1 for the host's ceiling");
    }
  }

  private static void checkMemory(Limits limits) {
    refuseNegative("MemoryReservation", limits.memoryReservationBytes(), 0);
    refuseNegative("MemorySwap", limits.memorySwapBytes(), -1);
    if (limits.memoryBytes() != 0 && limits.memoryBytes() < MIN_MEMORY_BYTES) {
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

  private static void refuseNegative(String field, long value, long least) {
    if (value < least) {
      throw Refusal.invalid("invalid memory limit: " + field + " is negative");
    }
  }

  private static void checkCpu(Limits limits) {
    if (limits.cpuShares() < 0) {
      throw Refusal.invalid("invalid CPU shares (" + limits.cpuShares() + "): value must be a positive integer");
    }
    if (limits.cpuShares() != 0 && (limits.cpuShares() < 2 || limits.cpuShares() > 262144)) {
      throw Refusal.invalid("invalid CPU shares: " + limits.cpuShares() + "; 2 to 262144");
    }
    if (limits.cpuPeriodMicros() != 0 && (limits.cpuPeriodMicros() < 1000 || limits.cpuPeriodMicros() > 1_000_000)) {
      throw Refusal.invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    }
    if (limits.cpuQuotaMicros() > 0 && limits.cpuQuotaMicros() < MIN_QUOTA_MICROS) {
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
    HostProcessors.requireCpus(limits.cpuset());
  }

  private static void checkFine(FineLimits fine) {
    if (!fine.cpusetMems().isEmpty() && !CPUSET.matcher(fine.cpusetMems()).matches()) {
      throw Refusal.invalid("Invalid value " + fine.cpusetMems() + " for cpuset mems");
    }
    HostProcessors.requireMemoryNodes(fine.cpusetMems());
    if (fine.swappiness() != null && (fine.swappiness() < 0 || fine.swappiness() > 100)) {
      throw Refusal.invalid("Invalid value: " + fine.swappiness() + ", valid memory swappiness range is 0-100");
    }
    if (fine.realtimePeriodMicros() < 0 || fine.realtimeRuntimeMicros() < 0) {
      throw Refusal.invalid("invalid cpu real-time period or runtime: it is negative");
    }
    if (fine.realtimePeriodMicros() != 0 && fine.realtimeRuntimeMicros() > fine.realtimePeriodMicros()) {
      throw Refusal.invalid("cpu real-time runtime cannot be higher than cpu real-time period");
    }
    if (fine.blockWeight() != 0 && (fine.blockWeight() < 10 || fine.blockWeight() > 1000)) {
      throw Refusal.invalid("Range of blkio weight is from 10 to 1000");
    }
    if (fine.blockLimits().size() > MAX_BLOCK_LIMITS) {
      throw Refusal.invalid("a container may have " + MAX_BLOCK_LIMITS + " limits of block devices");
    }
    fine.blockLimits().forEach(LimitRules::checkBlock);
  }

  private static void checkBlock(FineLimits.BlockLimit limit) {
    if (!limit.device().startsWith("/") || limit.device().indexOf('\0') >= 0) {
      throw Refusal.invalid("bad format for path: " + limit.device());
    }
    boolean isWeight = limit.kind() == FineLimits.Kind.WEIGHT;
    if (isWeight ? limit.value() < 10 || limit.value() > 1000 : limit.value() <= 0) {
      throw Refusal.invalid(isWeight ? "invalid weight for device: " + limit.device() : "invalid rate for device: " + limit.device() + ". The rate must be a positive integer");
    }
  }

  /** @throws dev.tallyman.error.TallymanException CONFLICT when the change alone is sound, but not with a limit that stays */
  static void checkChange(String container, Limits old, Limits change) {
    if (change.memorySwapBytes() == 0 && old.memorySwapBytes() > 0 && change.memoryBytes() > old.memorySwapBytes()) {
      throw Refusal.conflict(
          "Cannot update container " + container + ": Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
    }
  }

  /** The limits with those that are not zero in the change. */
  static Limits changed(Limits old, Limits change) {
    return new Limits(
        either(change.memoryBytes(), old.memoryBytes()), either(change.memorySwapBytes(), old.memorySwapBytes()), either(change.memoryReservationBytes(), old.memoryReservationBytes()),
        either(change.pids(), old.pids()), either(change.cpuQuotaMicros(), old.cpuQuotaMicros()), either(change.cpuPeriodMicros(), old.cpuPeriodMicros()),
        either(change.cpuShares(), old.cpuShares()), change.cpuset().isEmpty() ? old.cpuset() : change.cpuset(),
        old.fine().changed(change.fine()), change.hasBandwidth() ? change.isQuotaGiven() : old.isQuotaGiven());
  }

  private static long either(long change, long old) {
    return change == 0 ? old : change;
  }
}
