package dev.tallyman.index;

import dev.tallyman.index.Garbage.Figures;
import dev.tallyman.index.Garbage.Wish;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/index")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Repositories")
class GarbageResource {
  private static final long MAX_SECONDS = Duration.ofDays(3650).toSeconds();

  private final Garbage garbage;
  private final CurrentCaller caller;

  @Inject
  GarbageResource(Garbage garbage, CurrentCaller caller) {
    this.garbage = garbage;
    this.caller = caller;
  }

  record Collect(@Nullable Boolean dryRun, @Nullable Boolean untagged, @Nullable Long ageSeconds) {}

  @POST
  @Path("/collect")
  @Operation(
      summary = "Removes blobs that no manifest has, and, with untagged, manifests without a tag",
      description = "Administrators only. dryRun tells the figures and changes nothing. What was pushed, mounted or pulled within ageSeconds stays (default: tallyman.index.collect-after)")
  public Figures collect(@Nullable Collect given) {
    var who = caller.get();
    Collect wish = Given.body(given);
    Long age = wish.ageSeconds();
    if (age != null && (age < 0 || age > MAX_SECONDS)) {
      throw IndexException.invalid("UNSUPPORTED", "ageSeconds must be 0 to " + MAX_SECONDS);
    }
    return garbage.collect(who, new Wish(Boolean.TRUE.equals(wish.dryRun()), Boolean.TRUE.equals(wish.untagged()), age == null ? null : Duration.ofSeconds(age)));
  }
}
