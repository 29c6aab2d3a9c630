package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Names hold slashes and colons, so they travel as the query parameter {@code name}: proxies and path cleaners leave that alone.
 */
@Path("/api/v1/images")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Images", description = "Root file systems and how to start them; each belongs to a team")
class ImageResource {
  private static final String TAR = "application/x-tar";

  private final Images images;
  private final CurrentCaller caller;

  @Inject
  ImageResource(Images images, CurrentCaller caller) {
    this.images = images;
    this.caller = caller;
  }

  /** @param name reference, id, id prefix or digest of an image; @param tag empty or absent = latest */
  record NewTag(@Nullable String name, @Nullable String repository, @Nullable String tag) {}

  /** @param all false = only images without a tag */
  record Prune(@Nullable Boolean all, @Nullable List<String> labels, @Nullable Instant until) {}

  /** @param messages one line for each image, as docker load prints them */
  record Loaded(List<Images.Image> images, List<String> messages) {}

  @GET
  @Operation(summary = "Images of the team, newest first")
  public List<Images.Image> list(
      @QueryParam("reference") List<String> references, @QueryParam("label") List<String> labels, @QueryParam("dangling") @Nullable Boolean dangling,
      @QueryParam("before") @Nullable String before, @QueryParam("since") @Nullable String since) {
    return images.list(caller.get(), new Images.ImageFilter(references, labels, dangling, Given.instant(before, "before"), Given.instant(since, "since")));
  }

  @GET
  @Path("/one")
  @Operation(summary = "One image, by reference, id, id prefix or digest")
  public Images.Image inspect(@QueryParam("name") @Nullable String name) {
    return images.inspect(caller.get(), Given.required(name, "name"));
  }

  @GET
  @Path("/history")
  @Operation(summary = "Steps that made an image, newest first")
  public List<Images.HistoryEntry> history(@QueryParam("name") @Nullable String name) {
    return images.history(caller.get(), Given.required(name, "name"));
  }

  @POST
  @Path("/tags")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Gives an image a further name")
  @APIResponse(responseCode = "201", description = "tagged", content = @Content(schema = @Schema(implementation = Images.Image.class)))
  public RestResponse<Images.Image> tag(@Nullable NewTag given) {
    Caller who = caller.get();
    NewTag wanted = Given.body(given);
    String repository = Given.required(wanted.repository(), "repository");
    String tag = wanted.tag() == null ? "" : wanted.tag();
    images.tag(who, Given.required(wanted.name(), "name"), repository, tag);
    return RestResponse.status(RestResponse.Status.CREATED, images.inspect(who, ImageReference.of(repository, tag).toString()));
  }

  @DELETE
  @Operation(summary = "Takes a tag away and the image with its last one; an id takes the image away")
  public List<Images.Removal> remove(
      @QueryParam("name") @Nullable String name, @QueryParam("force") @DefaultValue("false") boolean isForced,
      @QueryParam("keepParents") @DefaultValue("false") boolean keepsParents) {
    return images.remove(caller.get(), Given.required(name, "name"), isForced, !keepsParents);
  }

  @POST
  @Path("/prune")
  @Consumes(MediaType.APPLICATION_JSON)
  @Operation(summary = "Removes images that nothing uses")
  public Images.Pruned prune(@Nullable Prune given) {
    Caller who = caller.get();
    Prune wanted = given == null ? new Prune(null, null, null) : given;
    return images.prune(who, !Boolean.TRUE.equals(wanted.all()), wanted.labels() == null ? List.of() : wanted.labels(), wanted.until());
  }

  @POST
  @Path("/load")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Reads an archive of docker save or an OCI image layout")
  public Loaded load(InputStream archive) {
    List<String> messages = new ArrayList<>();
    List<Images.Image> loaded = images.load(caller.get(), archive, messages::add);
    return new Loaded(loaded, messages);
  }

  @POST
  @Path("/import")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Makes an image of one layer from the tar of a root file system")
  @APIResponse(responseCode = "201", description = "imported", content = @Content(schema = @Schema(implementation = Images.Image.class)))
  public RestResponse<Images.Image> importTar(
      InputStream archive, @QueryParam("reference") @Nullable String reference, @QueryParam("change") List<String> changes,
      @QueryParam("message") @DefaultValue("") String message, @QueryParam("platform") @DefaultValue("") String platform) {
    Images.Image image = images.importTar(caller.get(), archive, reference, Platform.of(platform), changes, message);
    return RestResponse.ResponseBuilder.<Images.Image>created(URI.create("/api/v1/images/one?name=" + image.id())).entity(image).build();
  }

  @GET
  @Path("/save")
  @Produces(TAR)
  @Operation(summary = "An archive that docker load and OCI tools read")
  @APIResponse(responseCode = "200", description = "the archive", content = @Content(mediaType = TAR))
  public Response save(@QueryParam("name") List<String> names) {
    Caller who = caller.get();
    StreamingOutput archive = out -> images.save(who, names, out);
    return Response.ok(archive, TAR).header("Content-Disposition", "attachment; filename=\"images.tar\"").build();
  }
}
