package dev.tallyman.container;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.Created;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.container.Containers.ProcessTable;
import dev.tallyman.container.Containers.Pruned;
import dev.tallyman.kernel.FineLimits;
import dev.tallyman.kernel.SandboxSpec.Limits;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/containers")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Containers", description = "A container is named by its id, its name, or a unique beginning of its id")
class ContainerResource {
  private final Containers containers;
  private final CurrentCaller caller;

  @Inject
  ContainerResource(Containers containers, CurrentCaller caller) {
    this.containers = containers;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Containers, newest first", description = "Those that run, unless all, removed or a filter says more. A filter given twice matches either value; labels must all match.")
  public List<Container> list(
      @QueryParam("all") boolean all, @Parameter(description = "records of removed containers too") @QueryParam("removed") boolean removed,
      @Parameter(description = "the newest N of all") @QueryParam("limit") @Nullable String limit, @QueryParam("name") List<String> names, @QueryParam("status") List<String> states,
      @QueryParam("label") List<String> labels, @QueryParam("image") List<String> images) {
    int newest = Given.number(limit, "limit", 0);
    if (newest < 0) {
      throw Refusal.invalid("the parameter 'limit' must not be negative");
    }
    Map<String, List<String>> matches = new HashMap<>();
    matches.put("name", names);
    matches.put("status", states);
    matches.put("label", labels);
    matches.put("ancestor", images);
    return containers.list(caller.get(), new ContainerFilter(all || removed, removed, newest, matches));
  }

  @POST
  @Operation(summary = "Creates a container; start it afterwards")
  @APIResponse(responseCode = "201", description = "created", content = @Content(schema = @Schema(implementation = Created.class)))
  public RestResponse<Created> create(@Nullable NewContainer given) {
    var who = caller.get();
    Created made = containers.create(who, Given.body(given).read());
    return RestResponse.ResponseBuilder.<Created>created(URI.create("/api/v1/containers/" + made.id())).entity(made).build();
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "One container")
  public Container inspect(@PathParam("name") String name) {
    return containers.inspect(caller.get(), name);
  }

  /** Absent fields stay as they are. */
  record Change(
      @Nullable String name, @Nullable String memory, @Nullable String memorySwap, @Nullable String memoryReservation, @Nullable Double cpus, @Nullable Long cpuShares, @Nullable String cpuset,
      @Nullable Long pids, NewContainer.@Nullable Restart restart, @Nullable FineLimits fineLimits) {
    Limits limits() {
      Long processes = pids != null && pids == 0 ? Long.valueOf(-1) : pids; // as with docker update
      return new LimitWish(memory, memorySwap, memoryReservation, cpus, cpuShares, cpuset, processes, fineLimits).read();
    }
  }

  @PATCH
  @Path("/{name}")
  @Operation(summary = "Changes limits, the restart policy or the name", description = "Absent fields stay as they are.")
  public Container change(@PathParam("name") String name, @Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    String id = containers.inspect(who, name).id();
    Limits limits = change.limits();
    if (change.restart() != null || !limits.equals(Limits.none())) {
      containers.update(who, id, limits, change.restart() == null ? null : change.restart().read());
    }
    if (change.name() != null) {
      containers.rename(who, id, change.name());
    }
    return containers.inspect(who, id);
  }

  @DELETE
  @Path("/{name}")
  @Operation(summary = "Removes a container; its record stays", description = "With force a running one is killed first.")
  public void remove(@PathParam("name") String name, @QueryParam("force") boolean force) {
    containers.remove(caller.get(), name, force, true);
  }

  @GET
  @Path("/{name}/processes")
  @Operation(summary = "Processes of a running container, as ps shows them")
  public ProcessTable processes(@PathParam("name") String name, @Parameter(description = "arguments of ps(1): -ef, aux, -o columns") @QueryParam("ps") @DefaultValue("-ef") String ps) {
    return containers.top(caller.get(), name, ps);
  }

  /** @param status none, starting, healthy or unhealthy; @param onUnhealthy what is done then */
  record HealthView(String status, int failingStreak, List<Health.Check> checks, String onUnhealthy) {}

  @GET
  @Path("/{name}/health")
  @Operation(summary = "What the health check of a container said last", description = "The last five checks, oldest first; an exit code of -1 is a check that did not run or took too long.")
  public HealthView health(@PathParam("name") String name) {
    Container container = containers.inspect(caller.get(), name);
    Health health = container.health();
    return new HealthView(
        container.healthStatus().word(), health == null ? 0 : health.failingStreak(), health == null ? List.of() : health.log(), container.life().onUnhealthy().word());
  }

  @GET
  @Path("/{name}/timeline")
  @Operation(summary = "What happened to a container, oldest first; of a removed one by its whole id")
  public List<Moment> timeline(@PathParam("name") String name) {
    return containers.timeline(caller.get(), name);
  }

  @POST
  @Path("/prune")
  @Operation(summary = "Removes all containers of the team that do not run", description = "until: a time, or an age such as 24h")
  public Pruned prune(@QueryParam("label") List<String> labels, @QueryParam("until") @Nullable String until) {
    Map<String, List<String>> matches = new HashMap<>(Map.of("label", labels));
    if (until != null && !until.isEmpty()) {
      matches.put("until", List.of(until));
    }
    return containers.prune(caller.get(), new ContainerFilter(true, false, 0, matches));
  }
}
