package dev.tallyman.index;

import dev.tallyman.index.RetentionRuns.Outcome;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/repositories/retention")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Repositories")
class RetentionResource {
  private final RetentionRuns retention;
  private final CurrentCaller caller;

  @Inject
  RetentionResource(RetentionRuns retention, CurrentCaller caller) {
    this.retention = retention;
    this.caller = caller;
  }

  /** @param retention to be tried out instead of the repository's rule */
  record Wanted(@Nullable String name, @Nullable Boolean dryRun, @Nullable RetentionRule retention) {}

  @POST
  @Operation(
      summary = "Takes away what the retention rule of a repository does not keep",
      description = "Members of its team only. dryRun tells what would go and why, and changes nothing; with it, retention tries another rule out. Immutable tags stay")
  public Outcome run(@Nullable Wanted given) {
    var who = caller.get();
    Wanted wanted = Given.body(given);
    String name = Address.requireName(Given.required(wanted.name(), "name"));
    return retention.run(who, name, Boolean.TRUE.equals(wanted.dryRun()), wanted.retention());
  }
}
