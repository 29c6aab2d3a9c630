package dev.tallyman.volume;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.volume.Volumes.NewVolume;
import dev.tallyman.volume.Volumes.Pruned;
import dev.tallyman.volume.Volumes.VolumeFilter;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/volumes")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Volumes", description = "Files that outlive containers; each belongs to a team")
class VolumeResource {
  private static final String TAR = "application/x-tar";

  private final Volumes volumes;
  private final VolumeReconciliation reconciliation;
  private final CurrentCaller caller;

  @Inject
  VolumeResource(Volumes volumes, VolumeReconciliation reconciliation, CurrentCaller caller) {
    this.volumes = volumes;
    this.reconciliation = reconciliation;
    this.caller = caller;
  }

  /** @param name absent = an anonymous one; @param options of the driver local: type, o, device; size */
  record New(@Nullable String name, @Nullable Map<String, String> options, @Nullable Map<String, String> labels) {}

  record Change(@Nullable String name) {}

  record Copy(@Nullable String name) {}

  /** @param all false = anonymous ones only */
  record Prune(@Nullable Boolean all, @Nullable List<String> labels) {}

  /** @param limitBytes what its files and folders may take on disk; 0 = as much as there is; @param users containers that have it, whether they run or not */
  record Detail(Volume volume, VolumeFolders.Size size, long limitBytes, List<Volumes.Users.User> users) {}

  private static NewVolume read(New given) {
    return new NewVolume(
        given.name() == null ? "" : given.name(), "", given.options() == null ? Map.of() : given.options(), given.labels() == null ? Map.of() : given.labels());
  }

  private static RestResponse<Volume> made(Volume volume) {
    return RestResponse.ResponseBuilder.<Volume>created(URI.create("/api/v1/volumes/" + volume.name())).entity(volume).build();
  }

  @GET
  @Operation(summary = "Volumes of the team, by name")
  public List<Volume> list(@QueryParam("name") List<String> names, @QueryParam("label") List<String> labels, @QueryParam("dangling") @Nullable String dangling) {
    Map<String, List<String>> matches = new HashMap<>(Map.of("name", names, "label", labels));
    if (dangling != null) {
      matches.put("dangling", List.of(dangling));
    }
    return volumes.list(caller.get(), new VolumeFilter(matches));
  }

  @POST
  @Operation(summary = "Makes a volume, or answers with the one of that name")
  @APIResponse(responseCode = "201", description = "made", content = @Content(schema = @Schema(implementation = Volume.class)))
  public RestResponse<Volume> create(@Nullable New given) {
    Caller who = caller.get();
    return made(volumes.create(who, read(Given.body(given))));
  }

  @GET
  @Path("/{name}")
  @Operation(summary = "One volume, with its size and the containers that have it")
  public Detail inspect(@PathParam("name") String name) {
    Caller who = caller.get();
    Volume volume = volumes.inspect(who, name);
    return new Detail(volume, volumes.size(who, name), volume.limitBytes(), volumes.users(who, name));
  }

  @PATCH
  @Path("/{name}")
  @Operation(summary = "Renames a volume that no container has")
  public Volume rename(@PathParam("name") String name, @Nullable Change given) {
    Caller who = caller.get();
    return volumes.rename(who, name, Given.required(Given.body(given).name(), "name"));
  }

  @DELETE
  @Path("/{name}")
  @Operation(summary = "Removes a volume that no container has, with all its files")
  public void remove(@PathParam("name") String name) {
    volumes.remove(caller.get(), name, false);
  }

  @POST
  @Path("/prune")
  @Operation(summary = "Removes volumes that no container has; anonymous ones only, unless all is true")
  public Pruned prune(@Nullable Prune given) {
    Caller who = caller.get();
    Prune wanted = given == null ? new Prune(null, null) : given;
    return volumes.prune(
        who, new VolumeFilter(Map.of("all", List.of(String.valueOf(Boolean.TRUE.equals(wanted.all()))), "label", wanted.labels() == null ? List.of() : wanted.labels())));
  }

  @POST
  @Path("/{name}/clone")
  @Operation(summary = "A new volume with the same files, options and labels", description = "Containers may go on writing meanwhile: a file that changes is copied as it is at that moment.")
  @APIResponse(responseCode = "201", description = "made", content = @Content(schema = @Schema(implementation = Volume.class)))
  public RestResponse<Volume> copy(@PathParam("name") String name, @Nullable Copy given) {
    Caller who = caller.get();
    return made(volumes.copy(who, name, Given.required(Given.body(given).name(), "name")));
  }

  @GET
  @Path("/{name}/export")
  @Produces(TAR)
  @Operation(summary = "A tar of all files, with owners, links and attributes")
  @APIResponse(responseCode = "200", description = "the archive", content = @Content(mediaType = TAR))
  public Response export(@PathParam("name") String name) {
    Caller who = caller.get();
    who.require(Role.MEMBER, "export volume " + name); // before the answer begins
    Volume volume = volumes.inspect(who, name);
    StreamingOutput archive = out -> volumes.export(who, volume.name(), out);
    return Response.ok(archive, TAR).header("Content-Disposition", "attachment; filename=\"" + volume.name() + ".tar\"").build();
  }

  @POST
  @Path("/import")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "A new volume from an uncompressed tar; it is there whole or not at all")
  @APIResponse(responseCode = "201", description = "made", content = @Content(schema = @Schema(implementation = Volume.class)))
  public RestResponse<Volume> importTar(
      InputStream archive, @QueryParam("name") @Nullable String name,
      @Parameter(description = "what its files and folders may take on disk, e.g. 10g") @QueryParam("size") @Nullable String size) {
    Caller who = caller.get();
    return made(volumes.importTar(who, NewVolume.limited(Given.required(name, "name"), size == null ? "" : size), archive));
  }

  @GET
  @Path("/orphans")
  @Operation(summary = "Folders in the store of volumes that no volume has", description = "Found when the server starts; left alone until an administrator removes them.")
  public List<VolumeReconciliation.Orphan> orphans() {
    return reconciliation.orphans(caller.get());
  }

  @DELETE
  @Path("/orphans/{id}")
  @Operation(summary = "Removes an orphaned folder with its files")
  public void removeOrphan(@PathParam("id") String id) {
    reconciliation.removeOrphan(caller.get(), id);
  }
}
