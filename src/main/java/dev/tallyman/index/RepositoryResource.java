package dev.tallyman.index;

import dev.tallyman.index.RepositoryService.Changes;
import dev.tallyman.index.RepositoryService.Repository;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/repositories")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Repositories", description = "The Index: what registry clients push to and pull from this server")
class RepositoryResource {
  private final RepositoryService repositories;
  private final CurrentCaller caller;

  @Inject
  RepositoryResource(RepositoryService repositories, CurrentCaller caller) {
    this.repositories = repositories;
    this.caller = caller;
  }

  /** @param name of the repository; a name has slashes, so it is no part of the path */
  record Change(@Nullable String name, @Nullable Boolean isPublic, @Nullable String description) {}

  @GET
  @Operation(summary = "Repositories that the caller may pull from, by name", description = "At most 1000; ask again with the last name. search: a part of name or description")
  public List<Repository> list(@QueryParam("search") @Nullable String search, @QueryParam("last") @Nullable String last) {
    return repositories.list(caller.get(), search == null ? "" : search.strip(), last == null ? "" : last);
  }

  @PATCH
  @Operation(summary = "Makes a repository public or private, describes it", description = "Members of its team only")
  public Repository change(@Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    String name = Address.requireName(Given.required(change.name(), "name"));
    if (change.isPublic() == null && change.description() == null) {
      throw IndexException.invalid("UNSUPPORTED", "cannot change " + name + ": give isPublic, description or both");
    }
    return repositories.change(who, name, new Changes(change.isPublic(), change.description()));
  }
}
