package dev.tallyman.dashboard.container;

import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The buttons of a container. Each does one thing and leads back to the page it was on, with a word on what came of it. */
@Page
@Blocking
@Path("/ui/containers/{id:[0-9a-f]+}")
public class ContainerActions {
  private final Containers containers;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  ContainerActions(Containers containers, CurrentCaller caller, Answers answers) {
    this.containers = containers;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("start")
  public Response start(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, containers::start, ContainerTexts::started);
  }

  @POST
  @Path("stop")
  public Response stop(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, (who, name) -> containers.stop(who, name, null, null), ContainerTexts::stopped);
  }

  @POST
  @Path("restart")
  public Response restart(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, (who, name) -> containers.restart(who, name, null, null), ContainerTexts::restarted);
  }

  @POST
  @Path("kill")
  public Response kill(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, (who, name) -> containers.kill(who, name, "SIGKILL"), ContainerTexts::killed);
  }

  @POST
  @Path("pause")
  public Response pause(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, containers::pause, ContainerTexts::paused);
  }

  @POST
  @Path("unpause")
  public Response unpause(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, containers::unpause, ContainerTexts::resumed);
  }

  /** Stops it first if it runs: the page has asked. */
  @POST
  @Path("remove")
  public Response remove(@RestPath String id, @RestForm @Nullable String next) {
    return act(id, next, (who, name) -> containers.remove(who, name, true, true), ContainerTexts::removedOne);
  }

  @POST
  @Path("rename")
  public Response rename(@RestPath String id, @RestForm @Nullable String name, @RestForm @Nullable String next) {
    String wanted = name == null ? "" : name.strip();
    return act(id, next, (who, known) -> containers.rename(who, known, wanted), (texts, before) -> texts.renamed(wanted));
  }

  private Response act(String id, @Nullable String next, BiConsumer<Caller, String> action, BiFunction<ContainerTexts, String, String> text) {
    return answers.attempt(
        Links.local(next),
        () -> {
          String name = containers.inspect(caller.get(), id).name();
          action.accept(caller.get(), id);
          return text.apply(answers.texts(ContainerTexts.class), name);
        });
  }
}
