package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.FineLimits.BlockLimit;
import dev.tallyman.kernel.FineLimits.Kind;
import dev.tallyman.kernel.SandboxSpec.Limits;
import java.util.ArrayList;
import java.util.List;

/** The resource limits among Docker's fields, for create and update alike. */
final class LimitFields {
  /** The period that NanoCpus is counted in, as dockerd does. */
  static final long NANO_CPUS_PERIOD_MICROS = 100_000;

  private static final long UNLIMITED = -1;
  private static final long NANOS_PER_MICRO_OF_PERIOD = 1_000_000_000L / NANO_CPUS_PERIOD_MICROS;

  private LimitFields() {}

  /** Of a create. Docker's client sends a PidsLimit of 0 when nothing is said, so that means the default here; less than 0 is no limit. */
  static Limits read(JsonFields host) {
    return read(host, Math.max(host.number("PidsLimit"), UNLIMITED));
  }

  /** Of an update, where a PidsLimit that is there and not above 0 lifts the one before. */
  static Limits readChange(JsonFields fields) {
    Long pids = fields.numberOrNull("PidsLimit");
    return read(fields, pids == null ? 0 : pids <= 0 ? UNLIMITED : pids);
  }

  private static Limits read(JsonFields host, long pids) {
    long quota = host.number("CpuQuota");
    long period = host.number("CpuPeriod");
    long nanoCpus = host.number("NanoCpus");
    boolean isQuotaGiven = nanoCpus == 0 && (quota != 0 || period != 0);
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
        host.number("Memory"), host.number("MemorySwap"), host.number("MemoryReservation"), pids, quota, period, host.number("CpuShares"),
        host.text("CpusetCpus"), fine(host), isQuotaGiven);
  }

  private static FineLimits fine(JsonFields host) {
    List<BlockLimit> blocks = new ArrayList<>();
    readBlocks(host, "BlkioWeightDevice", "Weight", Kind.WEIGHT, blocks);
    readBlocks(host, "BlkioDeviceReadBps", "Rate", Kind.READ_BYTES, blocks);
    readBlocks(host, "BlkioDeviceWriteBps", "Rate", Kind.WRITE_BYTES, blocks);
    readBlocks(host, "BlkioDeviceReadIOps", "Rate", Kind.READ_OPERATIONS, blocks);
    readBlocks(host, "BlkioDeviceWriteIOps", "Rate", Kind.WRITE_OPERATIONS, blocks);
    Long swappiness = host.numberOrNull("MemorySwappiness");
    if (swappiness != null && (swappiness < -1 || swappiness > 100)) {
      throw new TallymanException(ErrorKind.INVALID, "Invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
    }
    return new FineLimits(
        host.text("CpusetMems"), swappiness == null || swappiness == -1 ? null : swappiness.intValue(), host.number("CpuRealtimePeriod"), host.number("CpuRealtimeRuntime"),
        host.smallNumber("BlkioWeight"), blocks);
  }

  private static void readBlocks(JsonFields host, String field, String value, Kind kind, List<BlockLimit> to) {
    for (JsonFields each : host.objects(field)) {
      to.add(new BlockLimit(kind, each.text("Path"), each.number(value)));
    }
  }

  static void putFine(ObjectNode host, FineLimits fine) {
    host.put("BlkioWeight", fine.blockWeight());
    putBlocks(host, "BlkioWeightDevice", "Weight", Kind.WEIGHT, fine);
    putBlocks(host, "BlkioDeviceReadBps", "Rate", Kind.READ_BYTES, fine);
    putBlocks(host, "BlkioDeviceWriteBps", "Rate", Kind.WRITE_BYTES, fine);
    putBlocks(host, "BlkioDeviceReadIOps", "Rate", Kind.READ_OPERATIONS, fine);
    putBlocks(host, "BlkioDeviceWriteIOps", "Rate", Kind.WRITE_OPERATIONS, fine);
    host.put("CpuRealtimePeriod", fine.realtimePeriodMicros()).put("CpuRealtimeRuntime", fine.realtimeRuntimeMicros()).put("CpusetMems", fine.cpusetMems());
    host.put("MemorySwappiness", fine.swappiness());
  }

  private static void putBlocks(ObjectNode host, String field, String value, Kind kind, FineLimits fine) {
    ArrayNode all = host.putArray(field);
    fine.blockLimits().stream().filter(each -> each.kind() == kind).forEach(each -> all.addObject().put("Path", each.device()).put(value, each.value()));
  }

  static boolean isNanoCpus(Limits limits) {
    return !limits.isQuotaGiven() && limits.cpuQuotaMicros() > 0 && limits.cpuPeriodMicros() == NANO_CPUS_PERIOD_MICROS;
  }

  static long nanoCpus(Limits limits) {
    return limits.cpuQuotaMicros() * NANOS_PER_MICRO_OF_PERIOD;
  }
}
