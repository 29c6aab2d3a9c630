package dev.tallyman.dashboard.account;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.distribution.StoredLogins;
import dev.tallyman.distribution.StoredLogins.StoredLogin;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Statuses;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.function.Supplier;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** The caller's own log-ins to registries elsewhere. No page has a password, not even one that was just typed. */
@Page
@Blocking
@Path("/ui/logins")
public class StoredLoginPages {
  private static final String PATH = "/ui/logins";

  private final StoredLogins logins;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  StoredLoginPages(StoredLogins logins, CurrentCaller caller, Answers answers) {
    this.logins = logins;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return template("", "", null);
  }

  @POST
  public Response store(@RestForm @Nullable String registry, @RestForm @Nullable String user, @RestForm @Nullable String password) {
    String where = text(registry).strip();
    String who = text(user).strip();
    try {
      StoredLogin stored = logins.store(caller.get(), where, who, text(password));
      return answers.done(PATH, texts().loginStored(stored.registry(), stored.user()));
    } catch (TallymanException e) {
      String html = template(where, who, answers.reason(e)).render();
      return Response.status(Statuses.of(e)).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
    }
  }

  @POST
  @Path("check")
  public Response check(@RestForm @Nullable String registry) {
    return attempt(() -> texts().loginAccepted(logins.check(caller.get(), text(registry)).registry()));
  }

  @POST
  @Path("remove")
  public Response remove(@RestForm @Nullable String registry) {
    return attempt(
        () -> {
          logins.remove(caller.get(), text(registry));
          return texts().loginRemoved(text(registry));
        });
  }

  private Response attempt(Supplier<String> action) {
    return answers.attempt(PATH, action);
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given;
  }

  private AccountTexts texts() {
    return answers.texts(AccountTexts.class);
  }

  /** @param error why what was typed was refused */
  private TemplateInstance template(String registry, String user, @Nullable String error) {
    return answers.page(Templates.logins(logins.list(caller.get()), registry, user, error));
  }

  @CheckedTemplate(basePath = "account")
  static class Templates {
    static native TemplateInstance logins(List<StoredLogin> logins, String registry, String user, @Nullable String error);
  }
}
