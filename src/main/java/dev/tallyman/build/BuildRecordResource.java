package dev.tallyman.build;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

@Path("/api/v1/images/build/records")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Images")
class BuildRecordResource {
  private static final int MOST = 1_000;

  private final BuildRecords records;
  private final CurrentCaller caller;

  @Inject
  BuildRecordResource(BuildRecords records, CurrentCaller caller) {
    this.records = records;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Builds of the team, those that run and the last that ended, the newest first; without their stages")
  public List<BuildRecord> list(@Parameter(description = "1 to 1000") @QueryParam("limit") @DefaultValue("100") int limit) {
    var who = caller.get();
    if (limit < 1 || limit > MOST) {
      throw new TallymanException(ErrorKind.INVALID, "limit must be 1 to " + MOST);
    }
    return records.list(who, limit);
  }

  @GET
  @Path("/{id}")
  @Operation(summary = "One build with its stages and steps: when they ran, which were in the cache, and the last of what their commands wrote")
  public BuildRecord get(@PathParam("id") String id) {
    return records.get(caller.get(), id);
  }

  @DELETE
  @Path("/{id}")
  @Operation(summary = "Forget a build that has ended; the audit trail still has it")
  public void remove(@PathParam("id") String id) {
    records.remove(caller.get(), id);
  }
}
