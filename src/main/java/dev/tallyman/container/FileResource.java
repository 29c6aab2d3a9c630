package dev.tallyman.container;

import dev.tallyman.container.FileCopies.CopyIn;
import dev.tallyman.container.FileCopies.Listing;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes.FileRow;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/containers/{name}/files")
@Blocking
@Tag(name = "Files", description = "Files of a container, whether it runs or not. Paths are resolved inside its own root only")
class FileResource {
  private static final String TAR = "application/x-tar";

  private final FileCopies copies;
  private final CurrentCaller caller;

  @Inject
  FileResource(FileCopies copies, CurrentCaller caller) {
    this.copies = copies;
    this.caller = caller;
  }

  /**
   * @param kind file, directory, link, fifo, socket, device
   * @param mode octal, e.g. 0755
   * @param uid as the container sees it; gid likewise
   * @param link where a symbolic link leads; absent for others
   */
  record File(String name, String kind, long size, String mode, java.time.Instant modifiedAt, int uid, int gid, @Nullable String link) {
    static File of(FileRow row) {
      String mode = String.format(Locale.ROOT, "%04o", row.mode() & 07777);
      return new File(row.name(), kind(row), row.size(), mode, row.modifiedAt(), row.uid(), row.gid(), row.isLink() ? row.link() : null);
    }

    private static String kind(FileRow row) {
      return switch (row.mode() & 0170000) {
        case 0040000 -> "directory";
        case 0100000 -> "file";
        case 0120000 -> "link";
        case 0010000 -> "fifo";
        case 0140000 -> "socket";
        default -> "device";
      };
    }
  }

  /** @param entries of a directory, by name; absent for others; @param isCut there are more than are listed */
  record Found(String path, File file, @Nullable List<File> entries, boolean isCut) {}

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(summary = "What is at a path, and in it if it is a directory", description = "A link is not followed unless the path ends in a slash")
  public Found look(@PathParam("name") String name, @QueryParam("path") @DefaultValue("/") String path) {
    Caller who = caller.get();
    FileRow row = copies.look(who, name, path);
    if (!row.isDirectory()) {
      return new Found(path, File.of(row), null, false);
    }
    Listing listing = copies.list(who, name, path);
    return new Found(path, File.of(row), listing.entries().stream().map(File::of).toList(), listing.isCut());
  }

  @GET
  @Path("/archive")
  @Produces(TAR)
  @Operation(summary = "A tar of a file or directory")
  @APIResponse(responseCode = "200", description = "the archive", content = @Content(mediaType = TAR))
  public Response archive(@PathParam("name") String name, @QueryParam("path") @Nullable String path) {
    Caller who = caller.get();
    String wanted = Given.required(path, "path");
    copies.look(who, name, wanted); // what is not there is an answer of its own, not a stream that breaks off
    StreamingOutput archive = out -> copies.copyOut(who, name, wanted, row -> {}, out);
    return Response.ok(archive, TAR).header("Content-Disposition", "attachment; filename=\"files.tar\"").build();
  }

  @GET
  @Path("/content")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  @Operation(summary = "The bytes of a regular file")
  @APIResponse(responseCode = "200", description = "the content", content = @Content(mediaType = MediaType.APPLICATION_OCTET_STREAM))
  public Response content(@PathParam("name") String name, @QueryParam("path") @Nullable String path) {
    Caller who = caller.get();
    String wanted = Given.required(path, "path");
    if (!copies.look(who, name, wanted).isRegular()) {
      throw Refusal.invalid(wanted + ": not a regular file");
    }
    StreamingOutput content = out -> copies.read(who, name, wanted, row -> {}, out);
    return Response.ok(content, MediaType.APPLICATION_OCTET_STREAM).header("Content-Disposition", "attachment").build();
  }

  @PUT
  @Path("/archive")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Extracts a tar, plain or packed with gzip, zstd or xz, into a directory")
  public void extract(
      @PathParam("name") String name, @QueryParam("path") @Nullable String path,
      @Parameter(description = "true: no directory takes the place of a file, nor the other way round") @QueryParam("keepKinds") @DefaultValue("false") boolean keepsKinds,
      @Parameter(description = "true: everything belongs to the container's user, not to whom the tar says") @QueryParam("toUser") @DefaultValue("false") boolean toUser, InputStream tar) {
    copies.copyIn(caller.get(), name, new CopyIn(Given.required(path, "path"), keepsKinds, toUser), tar);
  }

  @PUT
  @Path("/content")
  @Consumes(MediaType.WILDCARD)
  @Operation(summary = "Writes one file into a directory that is there", description = "The request must say its Content-Length")
  public void write(
      @PathParam("name") String name, @QueryParam("path") @Nullable String path, @Parameter(description = "permissions, octal") @QueryParam("mode") @DefaultValue("0644") String mode,
      @HeaderParam("Content-Length") @Nullable Long length, InputStream content) {
    if (length == null) {
      throw new TallymanException(ErrorKind.INVALID, "the request must say its Content-Length");
    }
    if (!mode.matches("0?[0-7]{3,4}")) {
      throw Refusal.invalid("the parameter 'mode' must be octal, as 0644");
    }
    copies.write(caller.get(), name, Given.required(path, "path"), Integer.parseInt(mode, 8), length, content);
  }
}
