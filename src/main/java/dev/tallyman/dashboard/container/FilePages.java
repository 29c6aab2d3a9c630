package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.FileCopies;
import dev.tallyman.container.FileCopies.Listing;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.dashboard.Shell;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes.FileRow;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The tab with a container's files: look around, take out, put in. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}/files")
public class FilePages {
  private static final int NEW_FILE_MODE = 0644;

  private final FileCopies copies;
  private final Lookup lookup;
  private final CurrentCaller caller;
  private final Shell shell;
  private final Answers answers;

  @Inject
  FilePages(FileCopies copies, Lookup lookup, CurrentCaller caller, Shell shell, Answers answers) {
    this.copies = copies;
    this.lookup = lookup;
    this.caller = caller;
    this.shell = shell;
    this.answers = answers;
  }

  @GET
  public TemplateInstance files(@RestPath String id, @RestQuery @Nullable String path) {
    Container container = lookup.find(caller.get(), id);
    Detail detail = new Detail(container, Actions.of(container, shell.canChange()), "files");
    Folder folder = Folder.at(path);
    try {
      Listing listing = copies.list(caller.get(), container.id(), folder.path());
      return answers.page(Templates.files(detail, folder, FileLine.all(folder, listing.entries()), listing.isCut(), null));
    } catch (TallymanException e) {
      return answers.page(Templates.files(detail, folder, List.of(), false, answers.reason(e)));
    }
  }

  @GET
  @Path("download")
  public Response download(@RestPath String id, @RestQuery @Nullable String path) {
    String wanted = path == null ? "" : path;
    FileRow row = copies.look(caller.get(), id, wanted);
    // The caller belongs to this request, which is over when the stream is written.
    dev.tallyman.identity.Caller who = caller.get();
    boolean isFile = row.isRegular();
    StreamingOutput body = out -> {
      if (isFile) {
        copies.read(who, id, wanted, found -> {}, out);
      } else {
        copies.copyOut(who, id, wanted, found -> {}, out);
      }
    };
    String name = (row.name().equals("/") || row.name().equals(".") ? "root" : row.name()) + (isFile ? "" : ".tar");
    return Response.ok(body, MediaType.APPLICATION_OCTET_STREAM).header("Content-Disposition", "attachment; filename*=UTF-8''" + encoded(name)).build();
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @POST
  @Path("upload")
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public Response upload(
      @RestPath String id, @RestQuery @Nullable String path, @RestQuery @Nullable String name, @HeaderParam("Content-Length") @Nullable Long length, InputStream content) {
    Folder folder = Folder.at(path);
    String file = name == null ? "" : name.replace("/", "").replace("\\", "");
    copies.write(caller.get(), id, folder.child(file), NEW_FILE_MODE, length == null ? 0 : length, content);
    return answers.done("/ui/containers/" + id + "/files?path=" + encoded(folder.path()), answers.texts(FileTexts.class).written(file));
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance files(Detail detail, Folder folder, List<FileLine> lines, boolean isCut, @Nullable String refusal);
  }
}
