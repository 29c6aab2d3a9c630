package dev.tallyman.index;

import dev.tallyman.index.TeamQuotas.Quota;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/index/quotas")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Repositories")
class QuotaResource {
  private final TeamQuotas quotas;
  private final CurrentCaller caller;

  @Inject
  QuotaResource(TeamQuotas quotas, CurrentCaller caller) {
    this.quotas = quotas;
    this.caller = caller;
  }

  record Limit(@Nullable Long limitBytes) {}

  @GET
  @Operation(summary = "What teams keep in the Index, and may", description = "Administrators see all teams, others their own. What several repositories of a team share is counted once")
  public List<Quota> list() {
    return quotas.list(caller.get());
  }

  @PUT
  @Path("/{team}")
  @Operation(summary = "Limits what a team keeps in the Index", description = "Administrators only. Less than is used refuses further pushes and takes nothing away")
  public Quota limit(@PathParam("team") String team, @Nullable Limit given) {
    var who = caller.get();
    return quotas.change(who, team, Given.required(Given.body(given).limitBytes(), "limitBytes"));
  }

  @DELETE
  @Path("/{team}")
  @Operation(summary = "Takes the limit of a team away", description = "Administrators only")
  public void lift(@PathParam("team") String team) {
    quotas.change(caller.get(), team, null);
  }
}
