package dev.tallyman.dashboard.image;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.HistoryEntry;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The list of images and the page of one. */
@Page
@Blocking
@Path("/ui/images")
public class ImagePages {
  private final Images images;
  private final Containers containers;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  ImagePages(Images images, Containers containers, CurrentCaller caller, Answers answers) {
    this.images = images;
    this.containers = containers;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list(@RestQuery @Nullable String q) {
    return answers.page(Templates.list(find(q)));
  }

  @GET
  @Path("rows")
  public TemplateInstance rows(@RestQuery @Nullable String q) {
    return answers.page(Templates.rows(find(q)));
  }

  @GET
  @Path("{id:sha256:[0-9a-f]+}")
  public TemplateInstance detail(@RestPath String id) {
    Image image = images.inspect(caller.get(), id);
    List<Container> users = everyContainer().stream().filter(container -> container.imageId().equals(image.id())).toList();
    return answers.page(Templates.detail(image, images.history(caller.get(), id), users));
  }

  /** The archive of docker save. */
  @GET
  @Path("{id:sha256:[0-9a-f]+}/save.tar")
  public Response save(@RestPath String id) {
    Caller who = caller.get();
    Image image = images.inspect(who, id);
    List<String> names = image.tags().isEmpty() ? List.of(image.id()) : image.tags();
    StreamingOutput archive = out -> images.save(who, names, out);
    String file = names.get(0).replaceAll("[^A-Za-z0-9_.-]", "_") + ".tar";
    return Response.ok(archive, "application/x-tar").header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + file + "\"").build();
  }

  private ImageList find(@Nullable String query) {
    return ImageList.of(query, images.list(caller.get(), ImageFilter.all()), everyContainer());
  }

  private List<Container> everyContainer() {
    return containers.list(caller.get(), Containers.ContainerFilter.all());
  }

  @CheckedTemplate(basePath = "image")
  static class Templates {
    static native TemplateInstance list(ImageList list);

    static native TemplateInstance rows(ImageList list);

    static native TemplateInstance detail(Image image, List<HistoryEntry> history, List<Container> users);
  }
}
