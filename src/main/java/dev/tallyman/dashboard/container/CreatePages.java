package dev.tallyman.dashboard.container;

import dev.tallyman.container.ContainerSpec;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.network.Networks;
import dev.tallyman.secret.Secret;
import dev.tallyman.secret.Secrets;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Statuses;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The form for a new container. */
@Page
@Blocking
@Path("/ui/containers/new")
public class CreatePages {
  private final Containers containers;
  private final Images images;
  private final Networks networks;
  private final Secrets secrets;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  CreatePages(Containers containers, Images images, Networks networks, Secrets secrets, CurrentCaller caller, Answers answers) {
    this.containers = containers;
    this.images = images;
    this.networks = networks;
    this.secrets = secrets;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance form(@RestQuery @Nullable String image) {
    caller.get().require(Role.MEMBER, "create a container");
    return answers.page(Templates.create(show(CreateForm.empty(image), Map.of())));
  }

  @POST
  public Response create(@BeanParam CreateForm form) {
    CreateFormReader reader = new CreateFormReader(form, answers.texts(CreateTexts.class));
    ContainerSpec spec = reader.read();
    if (spec == null) {
      return again(400, form, reader.errors());
    }
    Containers.Created created;
    try {
      created = containers.create(caller.get(), spec);
    } catch (TallymanException e) {
      return again(Statuses.of(e), form, Map.of(new RefusedField(form).of(e), String.valueOf(e.getMessage())));
    }
    String page = "/ui/containers/" + created.id();
    if (form.start == null) {
      return answers.done(page, withWarnings(answers.texts(CreateTexts.class).created(), created));
    }
    return answers.attempt(
        page,
        () -> {
          containers.start(caller.get(), created.id());
          return withWarnings(answers.texts(CreateTexts.class).createdAndStarted(), created);
        });
  }

  private Response again(int status, CreateForm form, Map<String, String> errors) {
    Map<String, String> told = new HashMap<>(errors);
    told.replaceAll((field, error) -> answers.say(error));
    String html = answers.page(Templates.create(show(form, told))).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
  }

  private CreateForm.Shown show(CreateForm form, Map<String, String> errors) {
    Caller who = caller.get();
    List<String> tags = images.list(who, Images.ImageFilter.all()).stream().flatMap(image -> image.tags().stream()).sorted().toList();
    List<String> own = networks.list(who).stream().filter(each -> each.isUserDefined() && !each.isConfigOnly() && each.team() == who.team()).map(Networks.Network::name).toList();
    List<String> theirs = secrets.list(who).stream().map(Secret::name).toList();
    return new CreateForm.Shown(form.values(), form.secrets(), errors, new CreateForm.Choices(tags, own, theirs));
  }

  private static String withWarnings(String text, Containers.Created created) {
    return created.warnings().isEmpty() ? text : text + "\n" + String.join("\n", created.warnings());
  }

  @CheckedTemplate(basePath = "container")
  static class Templates {
    static native TemplateInstance create(CreateForm.Shown form);
  }
}
