package dev.tallyman.build;

import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.Builds.Pruned;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/images/build/cache")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Images")
class BuildCacheResource {
  private final Builds builds;
  private final CurrentCaller caller;

  @Inject
  BuildCacheResource(Builds builds, CurrentCaller caller) {
    this.builds = builds;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Steps that builds of the team need not run again, and caches that their commands mount, the newest first")
  public List<CachedStep> list() {
    return builds.cache(caller.get());
  }

  @POST
  @Path("/prune")
  @Operation(summary = "Forgets steps, those used longest ago first, and gives back what only they need")
  public Pruned prune(
      @Parameter(description = "true = also steps that named images or containers are made of") @QueryParam("all") @DefaultValue("false") boolean isAll,
      @Parameter(description = "ISO 8601; only steps that were last used before") @QueryParam("usedBefore") @Nullable String usedBefore,
      @Parameter(description = "of the cache to keep; 0 = nothing of what may go") @QueryParam("keepBytes") @DefaultValue("0") long keepBytes,
      @Parameter(description = "regular = steps, exec.cachemount = caches that commands mount, source.local = contexts of clients, source.http = files that builds fetched; empty = all") @QueryParam("type") @DefaultValue("") String type) {
    var who = caller.get();
    if (keepBytes < 0) {
      throw new TallymanException(ErrorKind.INVALID, "keepBytes must be 0 or a number of bytes");
    }
    return builds.prune(who, isAll, usedBefore == null ? Instant.now().plusSeconds(1) : time(usedBefore), keepBytes, type, CacheFilter.ALL);
  }

  private static Instant time(String given) {
    try {
      return Instant.parse(given);
    } catch (DateTimeParseException e) {
      throw new TallymanException(ErrorKind.INVALID, "usedBefore must be a time like 2026-01-31T12:00:00Z");
    }
  }
}
