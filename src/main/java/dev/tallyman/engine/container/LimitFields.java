package dev.tallyman.engine.container;

import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.SandboxSpec.Limits;

/** The resource limits among Docker's fields, for create and update alike. */
final class LimitFields {
  /** The period that NanoCpus is counted in, as dockerd does. */
  static final long NANO_CPUS_PERIOD_MICROS = 100_000;

  private static final long NANOS_PER_MICRO_OF_PERIOD = 1_000_000_000L / NANO_CPUS_PERIOD_MICROS;

  private LimitFields() {}

  static Limits read(JsonFields host) {
    long quota = host.number("CpuQuota");
    long period = host.number("CpuPeriod");
    long nanoCpus = host.number("NanoCpus");
    if (nanoCpus != 0) {
      if (quota != 0 || period != 0) {
        throw new TallymanException(ErrorKind.INVALID, "Conflicting options: Nano CPUs and CPU " + (period != 0 ? "Period" : "Quota") + " cannot both be set.");
      }
      if (nanoCpus < 0) {
        throw new TallymanException(ErrorKind.INVALID, "invalid NanoCpus: it is negative");
      }
      quota = nanoCpus / NANOS_PER_MICRO_OF_PERIOD;
      period = NANO_CPUS_PERIOD_MICROS;
    }
    return new Limits(
        host.number("Memory"), host.number("MemorySwap"), host.number("MemoryReservation"), Math.max(host.number("PidsLimit"), 0), quota, period, host.number("CpuShares"),
        host.text("CpusetCpus"));
  }

  static boolean isNanoCpus(Limits limits) {
    return limits.cpuQuotaMicros() > 0 && limits.cpuPeriodMicros() == NANO_CPUS_PERIOD_MICROS;
  }

  static long nanoCpus(Limits limits) {
    return limits.cpuQuotaMicros() * NANOS_PER_MICRO_OF_PERIOD;
  }
}
