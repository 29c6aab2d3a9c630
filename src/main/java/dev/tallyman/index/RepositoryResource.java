package dev.tallyman.index;

import dev.tallyman.index.Repositories.Changes;
import dev.tallyman.index.Repositories.Details;
import dev.tallyman.index.Repositories.Summary;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
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
  private static final int MAX_TAGS = 100;

  private final RepositoryService repositories;
  private final ImageViews images;
  private final CustodyService custody;
  private final CurrentCaller caller;

  @Inject
  RepositoryResource(RepositoryService repositories, ImageViews images, CustodyService custody, CurrentCaller caller) {
    this.repositories = repositories;
    this.images = images;
    this.custody = custody;
    this.caller = caller;
  }

  /** @param name of the repository; a name has slashes, so it is no part of the path */
  record Change(@Nullable String name, @Nullable Boolean isPublic, @Nullable String description, @Nullable String readme) {}

  @GET
  @Operation(summary = "Repositories that the caller may pull from, by name", description = "At most 1000; ask again with the last name. search: a part of name, description or label")
  public List<Summary> list(@QueryParam("search") @Nullable String search, @QueryParam("last") @Nullable String last) {
    return repositories.list(caller.get(), search == null ? "" : search.strip(), last == null ? "" : last);
  }

  @DELETE
  @Operation(summary = "Deletes a repository with its tags and manifests", description = "Members of its team only")
  public void delete(@QueryParam("name") @Nullable String name) {
    repositories.delete(caller.get(), name(name));
  }

  @GET
  @Path("/one")
  @Operation(summary = "One repository with its readme and figures")
  public Details one(@QueryParam("name") @Nullable String name) {
    return repositories.details(caller.get(), name(name));
  }

  @GET
  @Path("/tags")
  @Operation(summary = "Tags of a repository, by name", description = "limit: 1 to 100, default 100; ask again with the last tag. Platforms, sizes, who pushed and when, last pull to the minute, how many referrers")
  public List<RepositoryImages.Tag> tags(@QueryParam("name") @Nullable String name, @QueryParam("last") @Nullable String last, @QueryParam("limit") @Nullable String limit) {
    var who = caller.get();
    int count = Given.number(limit, "limit", MAX_TAGS);
    if (count < 1 || count > MAX_TAGS) {
      throw IndexException.invalid("PAGINATION_NUMBER_INVALID", "limit must be 1 to " + MAX_TAGS);
    }
    return images.tags(who, name(name), last == null ? "" : last, count);
  }

  @GET
  @Path("/image")
  @Operation(summary = "One manifest or index: configuration, layers, history", description = "reference: tag or digest")
  public RepositoryImages.Image image(@QueryParam("name") @Nullable String name, @QueryParam("reference") @Nullable String reference) {
    return images.image(caller.get(), name(name), Given.required(reference, "reference"));
  }

  @DELETE
  @Path("/image")
  @Operation(summary = "Deletes a tag; by digest the manifest with all its tags", description = "reference: tag or digest. Members of its team only")
  public void deleteImage(@QueryParam("name") @Nullable String name, @QueryParam("reference") @Nullable String reference) {
    repositories.deleteImage(caller.get(), name(name), Given.required(reference, "reference"));
  }

  @GET
  @Path("/custody")
  @Operation(
      summary = "Who brought an image here, pushed, pulled and ran it",
      description = "reference: tag, digest or image id. At most 100 of each: first origins and pushes, newest pulls and containers; containers of the caller's team only")
  public ImageCustody.Custody custody(@QueryParam("name") @Nullable String name, @QueryParam("reference") @Nullable String reference) {
    return custody.custody(caller.get(), name(name), Given.required(reference, "reference"));
  }

  private static String name(@Nullable String given) {
    return Address.requireName(Given.required(given, "name"));
  }

  @PATCH
  @Operation(summary = "Makes a repository public or private, describes it, sets its readme", description = "Members of its team only")
  public Summary change(@Nullable Change given) {
    var who = caller.get();
    Change change = Given.body(given);
    String name = Address.requireName(Given.required(change.name(), "name"));
    if (change.isPublic() == null && change.description() == null && change.readme() == null) {
      throw IndexException.invalid("UNSUPPORTED", "cannot change " + name + ": give isPublic, description or readme");
    }
    return repositories.change(who, name, new Changes(change.isPublic(), change.description(), change.readme()));
  }
}
