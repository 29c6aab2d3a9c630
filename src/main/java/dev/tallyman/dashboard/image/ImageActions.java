package dev.tallyman.dashboard.image;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Tags, removes and uploads images. */
@Page
@Blocking
@Path("/ui/images")
public class ImageActions {
  private static final String LIST = "/ui/images";

  private final Images images;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  ImageActions(Images images, CurrentCaller caller, Answers answers) {
    this.images = images;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("{id:sha256:[0-9a-f]+}/tag")
  public Response tag(@RestPath String id, @RestForm @Nullable String reference) {
    String typed = reference == null ? "" : reference.strip();
    int colon = typed.indexOf(':', typed.lastIndexOf('/') + 1);
    String repository = colon < 0 ? typed : typed.substring(0, colon);
    String tag = colon < 0 ? "latest" : typed.substring(colon + 1);
    return answers.attempt(
        LIST + "/" + id,
        () -> {
          images.tag(caller.get(), id, repository, tag);
          return texts().tagged(repository + ":" + tag);
        });
  }

  /** Takes one name away from an image; with its last name the image itself goes. */
  @POST
  @Path("untag")
  public Response untag(@RestForm @Nullable String reference, @RestForm @Nullable String next) {
    return answers.attempt(Links.local(next), () -> describe(images.remove(caller.get(), String.valueOf(reference), false, true)));
  }

  @POST
  @Path("{id:sha256:[0-9a-f]+}/remove")
  public Response remove(@RestPath String id, @RestForm @Nullable String next) {
    try {
      // Forced only as far as several names go: the page has asked. An image that a container was made from is refused all the same.
      boolean hasSeveralNames = images.inspect(caller.get(), id).tags().size() > 1;
      return answers.done(LIST, describe(images.remove(caller.get(), id, hasSeveralNames, true)));
    } catch (TallymanException e) {
      return answers.failed(Links.local(next), answers.reason(e));
    }
  }

  @POST
  @Path("load")
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public Response load(InputStream archive) {
    List<Image> loaded = images.load(caller.get(), archive, line -> {});
    String names = loaded.stream().map(ImageActions::nameOf).collect(Collectors.joining(", "));
    return answers.done(loaded.size() == 1 ? LIST + "/" + loaded.get(0).id() : LIST, texts().loaded(names));
  }

  @POST
  @Path("import")
  @Consumes(MediaType.APPLICATION_OCTET_STREAM)
  public Response importTar(InputStream archive, @RestQuery @Nullable String reference, @RestQuery @Nullable String command) {
    List<String> changes = command == null || command.isBlank() ? List.of() : List.of("CMD " + command.strip().replaceAll("\\R", " "));
    Image image = images.importTar(caller.get(), archive, reference == null || reference.isBlank() ? null : reference.strip(), changes, "");
    return answers.done(LIST + "/" + image.id(), texts().imported(nameOf(image)));
  }

  private String describe(List<Images.Removal> removals) {
    String untagged = removals.stream().map(Images.Removal::untagged).filter(name -> name != null).collect(Collectors.joining(", "));
    boolean isGone = removals.stream().anyMatch(removal -> removal.deleted() != null);
    return isGone ? texts().removedOne(untagged) : texts().untagged(untagged);
  }

  private static String nameOf(Image image) {
    return image.tags().isEmpty() ? image.id().substring(0, Math.min(19, image.id().length())) : image.tags().get(0);
  }

  private ImageTexts texts() {
    return answers.texts(ImageTexts.class);
  }
}
