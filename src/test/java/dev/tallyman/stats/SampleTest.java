package dev.tallyman.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static Stats.Sample at(long cpuNanos, long systemNanos) {
    return new Stats.Sample(Instant.EPOCH, "id", "name", cpuNanos, 0, 0, systemNanos, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, java.util.List.of(), dev.tallyman.kernel.ResourceUse.Details.none());
  }

  @Test
  void countsPercentOfOneCpuSinceAnEarlierSample() {
    assertEquals(100, at(1_000, 4_000).cpuPercentSince(at(0, 2_000)));
    assertEquals(0, at(1_000, 2_000).cpuPercentSince(at(0, 2_000)));
    assertEquals(0, at(0, 4_000).cpuPercentSince(at(1_000, 2_000)), "the container was started again in between");
  }
}
