package dev.tallyman.dashboard.secret;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.identity.Caller;
import dev.tallyman.secret.Secret;
import dev.tallyman.secret.Secrets;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The list of secrets with who has them; makes, changes and removes them. No page has a value, not even one that was typed and refused. */
@Page
@Blocking
@Path("/ui/secrets")
public class SecretPages {
  private static final String LIST = "/ui/secrets";

  private final Secrets secrets;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  SecretPages(Secrets secrets, CurrentCaller caller, Answers answers) {
    this.secrets = secrets;
    this.caller = caller;
    this.answers = answers;
  }

  /** @param users containers that have it */
  record Row(Secret secret, List<Secrets.Users.User> users) {}

  @GET
  public TemplateInstance list() {
    Caller who = caller.get();
    return answers.page(Templates.list(secrets.list(who).stream().map(each -> new Row(each, secrets.users(who, each.name()))).toList()));
  }

  @POST
  @Path("new")
  public Response create(@RestForm @Nullable String name, @RestForm @Nullable String value) {
    return answers.attempt(
        LIST,
        () -> {
          byte[] bytes = bytes(value);
          try {
            return texts().stored(secrets.create(caller.get(), name == null ? "" : name.strip(), bytes, Map.of()).name());
          } finally {
            Arrays.fill(bytes, (byte) 0);
          }
        });
  }

  @POST
  @Path("{name}/rotate")
  public Response rotate(@RestPath String name, @RestForm @Nullable String value) {
    return answers.attempt(
        LIST,
        () -> {
          byte[] bytes = bytes(value);
          try {
            return texts().rotated(secrets.rotate(caller.get(), name, bytes).name());
          } finally {
            Arrays.fill(bytes, (byte) 0);
          }
        });
  }

  @POST
  @Path("{name}/remove")
  public Response remove(@RestPath String name) {
    return answers.attempt(
        LIST,
        () -> {
          secrets.remove(caller.get(), name);
          return texts().removed(name);
        });
  }

  /** Browsers send line ends of a text field as CR LF; what was typed has LF. */
  private static byte[] bytes(@Nullable String typed) {
    return typed == null ? new byte[0] : typed.replace("\r\n", "\n").getBytes(StandardCharsets.UTF_8);
  }

  private SecretTexts texts() {
    return answers.texts(SecretTexts.class);
  }

  @CheckedTemplate(basePath = "secret")
  static class Templates {
    static native TemplateInstance list(List<Row> rows);
  }
}
