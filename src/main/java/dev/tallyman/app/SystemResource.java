package dev.tallyman.app;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.KernelProbe;
import dev.tallyman.web.CurrentCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/system")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "System", description = "This server and its host")
class SystemResource {
  private final KernelProbe kernel;
  private final CurrentCaller caller;
  private final String version;

  @Inject
  SystemResource(KernelProbe kernel, CurrentCaller caller, @ConfigProperty(name = "quarkus.application.version") String version) {
    this.kernel = kernel;
    this.caller = caller;
    this.version = version;
  }

  /** @param obstacle why no container can be started now; absent if they can; @param host facts of the kernel and ceilings of the policy */
  record SystemInfo(String version, Instant startedAt, String java, int processors, boolean canStartContainers, @Nullable String obstacle, Map<String, String> host) {}

  @GET
  @Operation(summary = "Version, host and whether containers can be started")
  public SystemInfo get() {
    caller.get();
    Optional<String> obstacle = kernel.obstacle();
    return new SystemInfo(
        version,
        Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime()),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        obstacle.isEmpty(),
        obstacle.orElse(null),
        facts());
  }

  private Map<String, String> facts() {
    try {
      return new TreeMap<>(kernel.facts());
    } catch (TallymanException e) {
      // Without the helper nothing is known of the host; the obstacle says why.
      return Map.of();
    }
  }
}
