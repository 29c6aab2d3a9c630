package dev.tallyman.dashboard.image;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.Login;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Platform;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Pulls and pushes. The page waits; passwords typed there are used once. */
@Page
@Blocking
@Path("/ui/images")
public class RegistryActions {
  private static final String LIST = "/ui/images";

  private final Distribution distribution;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  RegistryActions(Distribution distribution, CurrentCaller caller, Answers answers) {
    this.distribution = distribution;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("pull")
  public Response pull(@RestForm @Nullable String name, @RestForm @Nullable String user, @RestForm @Nullable String password) {
    try {
      Image image = distribution.pull(caller.get(), typed(name), Platform.here(), login(user, password), TransferProgress.silent());
      return answers.done(LIST + "/" + image.id(), texts().pulled(typed(name)));
    } catch (TallymanException e) {
      return answers.failed(LIST, answers.reason(e));
    }
  }

  @POST
  @Path("{id:sha256:[0-9a-f]+}/push")
  public Response push(@RestPath String id, @RestForm @Nullable String name, @RestForm @Nullable String user, @RestForm @Nullable String password) {
    return answers.attempt(
        LIST + "/" + id,
        () -> {
          Distribution.Pushed pushed = distribution.push(caller.get(), typed(name), login(user, password), TransferProgress.silent());
          return texts().pushed(typed(name), pushed.digest());
        });
  }

  private static String typed(@Nullable String text) {
    return text == null ? "" : text.strip();
  }

  private static Login login(@Nullable String user, @Nullable String password) {
    return typed(user).isEmpty() ? Login.nobody() : new Login(typed(user), password == null ? "" : password, "");
  }

  private ImageTexts texts() {
    return answers.texts(ImageTexts.class);
  }
}
