package dev.tallyman.stats;

import dev.tallyman.web.CurrentCaller;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/api/v1/containers/{id}/stats")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Containers")
class StatsResource {
  private final Stats stats;
  private final CurrentCaller caller;

  @Inject
  StatsResource(Stats stats, CurrentCaller caller) {
    this.stats = stats;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Use of the machine now", description = "Counters since the container's start; all zero for one that does not run. Two samples give the use in between")
  public Stats.Sample sample(@PathParam("id") String id) {
    return stats.sample(caller.get(), id);
  }
}
