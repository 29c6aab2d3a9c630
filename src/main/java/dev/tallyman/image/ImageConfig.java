package dev.tallyman.image;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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

  /** The same with these labels alone. */
  public ImageConfig withLabels(Map<String, String> own) {
    return new ImageConfig(user, exposedPorts, env, entrypoint, cmd, volumes, workingDir, own, stopSignal, shell, onBuild, healthcheck);
  }

  /**
   * This configuration, and what it does not say from another one, as Docker merges the configuration of a creator with an image's: names of variables,
   * labels, ports and volumes are united; an entry point of its own leaves the other's command away.
   */
  public ImageConfig orElse(ImageConfig other) {
    boolean hasEntrypoint = !entrypoint.isEmpty();
    Map<String, String> allLabels = new LinkedHashMap<>(other.labels);
    allLabels.putAll(labels);
    return new ImageConfig(
        first(user, other.user), union(other.exposedPorts, exposedPorts), mergedEnv(other.env), hasEntrypoint ? entrypoint : other.entrypoint,
        cmd.isEmpty() && !hasEntrypoint ? other.cmd : cmd, union(other.volumes, volumes), first(workingDir, other.workingDir), allLabels, first(stopSignal, other.stopSignal),
        shell.isEmpty() ? other.shell : shell, onBuild.isEmpty() ? other.onBuild : onBuild, healthcheck == null ? other.healthcheck : healthcheck.orElse(other.healthcheck));
  }

  private List<String> mergedEnv(List<String> others) {
    Map<String, String> merged = new LinkedHashMap<>();
    Stream.concat(others.stream(), env.stream()).forEach(each -> merged.put(each.split("=", 2)[0], each));
    return List.copyOf(merged.values());
  }

  private static List<String> union(List<String> one, List<String> other) {
    return Stream.concat(one.stream(), other.stream()).distinct().toList();
  }

  private static String first(String one, String other) {
    return one.isEmpty() ? other : one;
  }

  /** Durations in nanoseconds, as in the image format; 0 = default. */
  public record Healthcheck(List<String> test, long intervalNanos, long timeoutNanos, long startPeriodNanos, long startIntervalNanos, int retries) {
    /** This check, and what it does not say from another one. */
    public Healthcheck orElse(@Nullable Healthcheck other) {
      if (other == null) {
        return this;
      }
      return new Healthcheck(
          test.isEmpty() ? other.test : test, first(intervalNanos, other.intervalNanos), first(timeoutNanos, other.timeoutNanos), first(startPeriodNanos, other.startPeriodNanos),
          first(startIntervalNanos, other.startIntervalNanos), retries == 0 ? other.retries : retries);
    }

    private static long first(long one, long other) {
      return one == 0 ? other : one;
    }
  }
}
