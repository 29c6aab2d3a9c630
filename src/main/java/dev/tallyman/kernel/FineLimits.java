package dev.tallyman.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Limits that few containers have. Zero, empty and null mean "not set".
 *
 * @param cpusetMems memory nodes, e.g. {@code 0-1}
 * @param swappiness 0 to 100; control groups of version 1 only
 * @param realtimePeriodMicros only on kernels with real-time group scheduling, as is the runtime
 * @param blockWeight 10 to 1000, Docker's scale
 */
public record FineLimits(
    String cpusetMems, @Nullable Integer swappiness, long realtimePeriodMicros, long realtimeRuntimeMicros, int blockWeight, List<BlockLimit> blockLimits) {

  public FineLimits {
    cpusetMems = cpusetMems == null ? "" : cpusetMems;
    blockLimits = blockLimits == null ? List.of() : List.copyOf(blockLimits);
  }

  public static FineLimits none() {
    return new FineLimits("", null, 0, 0, 0, List.of());
  }

  /** What is limited; rates are per second. */
  public enum Kind {
    WEIGHT,
    READ_BYTES,
    WRITE_BYTES,
    READ_OPERATIONS,
    WRITE_OPERATIONS
  }

  /** @param device path of a disk's node on the host */
  public record BlockLimit(Kind kind, String device, long value) {}

  /** These, with what the change sets. A list of one kind takes the place of the one before. */
  public FineLimits changed(FineLimits change) {
    List<BlockLimit> kept = blockLimits.stream().filter(each -> change.blockLimits.stream().noneMatch(other -> other.kind() == each.kind())).toList();
    List<BlockLimit> all = new java.util.ArrayList<>(kept);
    all.addAll(change.blockLimits);
    return new FineLimits(
        change.cpusetMems.isEmpty() ? cpusetMems : change.cpusetMems, change.swappiness == null ? swappiness : change.swappiness,
        change.realtimePeriodMicros == 0 ? realtimePeriodMicros : change.realtimePeriodMicros, change.realtimeRuntimeMicros == 0 ? realtimeRuntimeMicros : change.realtimeRuntimeMicros,
        change.blockWeight == 0 ? blockWeight : change.blockWeight, all);
  }
}
