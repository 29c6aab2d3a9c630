package dev.tallyman.container;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as others see it: a snapshot of its record.
 *
 * @param id 64 hex characters
 * @param spec what was asked for
 * @param path program that runs (after merging the image's defaults); args the rest
 * @param env merged environment; user, workingDir, labels likewise
 * @param imageId {@code sha256:…}; image the reference as given
 * @param exitCode of its last run; 0 before the first
 * @param isEndKnown false when the machine went down with it and nobody recorded its end
 * @param startedAt absent before the first start
 * @param removedAt set for records of removed containers
 * @param endpoint its first place while it runs; endpoints all of them, also while it does not
 * @param health absent without a health check, and before the first start
 * @param exposedPorts the image's and the creator's, each with its protocol
 * @param entrypointWords how many of path and args are the entrypoint, the rest being the command; absent in old records
 */
public record Container(
    String id,
    String name,
    ContainerSpec spec,
    String imageId,
    String image,
    String path,
    List<String> args,
    List<String> env,
    String user,
    String workingDir,
    Map<String, String> labels,
    String stopSignal,
    ContainerState state,
    int pid,
    int exitCode,
    boolean isOomKilled,
    boolean isEndKnown,
    String error,
    int restartCount,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    @Nullable Instant removedAt,
    long team,
    String teamName,
    String creator,
    String startedBy,
    @Nullable Endpoint endpoint,
    List<PublishedPort> ports,
    List<Endpoint> endpoints,
    LifePlan life,
    @Nullable Health health,
    List<MountPoint> mounts,
    List<String> exposedPorts,
    @Nullable Integer entrypointWords) {

  /**
   * A place on a network.
   *
   * @param names by which its neighbours find it; empty where names are not told
   * @param isNamed on a network of somebody's own
   * @param settings what was asked for
   */
  public record Endpoint(
      String networkId, String networkName, String address, int prefix, String gateway, String mac, List<String> names, boolean isNamed, PlaceSpec settings,
      String address6, int prefix6, String gateway6, boolean canPublish) {}

  public record PublishedPort(String protocol, String hostAddress, int hostPort, int containerPort) {}

  public HealthStatus healthStatus() {
    return health == null ? HealthStatus.NONE : health.status();
  }

  public String shortId() {
    return id.substring(0, 12);
  }

  /** Whether its programs use the Engine API, in the name of who made it. */
  public boolean hasEngineSocket() {
    return mounts.stream().anyMatch(MountPoint::isSocket);
  }
}
