package dev.tallyman.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The run part of an OCI image configuration (image-spec, config.md). Collections keep their order. */
public record ImageConfig(
    String user,
    List<String> exposedPorts,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    List<String> volumes,
    String workingDir,
    Map<String, String> labels,
    String stopSignal,
    List<String> shell,
    List<String> onBuild,
    @Nullable Healthcheck healthcheck) {
  public static ImageConfig empty() {
    return new ImageConfig("", List.of(), List.of(), List.of(), List.of(), List.of(), "", Map.of(), "", List.of(), List.of(), null);
  }

  /** Durations in nanoseconds, as in the image format; 0 = default. */
  public record Healthcheck(List<String> test, long intervalNanos, long timeoutNanos, long startPeriodNanos, long startIntervalNanos, int retries) {}
}
