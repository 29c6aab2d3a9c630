package dev.tallyman.container;

import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/api/v1/system/orphans")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "System")
class OrphanResource {
  private final Reconciler reconciler;
  private final CurrentCaller caller;

  @Inject
  OrphanResource(Reconciler reconciler, CurrentCaller caller) {
    this.reconciler = reconciler;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "What the kernel's store holds and no container of the inventory owns", description = "Found when the server starts; left alone until an administrator removes it.")
  public List<Reconciler.Orphan> list() {
    return reconciler.orphans(caller.get());
  }

  @DELETE
  @Path("/{id}")
  @Operation(summary = "Ends and removes an orphan with its files")
  public void remove(@PathParam("id") String id) {
    reconciler.removeOrphan(caller.get(), id);
  }
}
