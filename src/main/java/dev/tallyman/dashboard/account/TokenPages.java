package dev.tallyman.dashboard.account;

import dev.tallyman.account.Accounts;
import dev.tallyman.account.Accounts.NewToken;
import dev.tallyman.account.Accounts.Token;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
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
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** The caller's own tokens. A new one's secret is part of the answer to its creation and of nothing else. */
@Page
@Blocking
@Path("/ui/tokens")
public class TokenPages {
  private final Accounts accounts;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  TokenPages(Accounts accounts, CurrentCaller caller, Answers answers) {
    this.accounts = accounts;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return answers.page(template(null, "", null));
  }

  @POST
  public Response create(@RestForm @Nullable String name, @RestForm @Nullable String days) {
    String typed = name == null ? "" : name.strip();
    try {
      NewToken made = accounts.createToken(caller.get(), typed, end(days));
      return page(200, template(made, "", null));
    } catch (TallymanException e) {
      return page(Statuses.of(e), template(null, typed, answers.reason(e)));
    }
  }

  @POST
  @Path("{id:\\d{1,18}}/revoke")
  public Response revoke(@RestPath long id) {
    return answers.attempt(
        "/ui/tokens",
        () -> {
          accounts.revokeToken(caller.get(), id);
          return answers.texts(AccountTexts.class).tokenRevoked();
        });
  }

  private TemplateInstance template(@Nullable NewToken made, String name, @Nullable String error) {
    return Templates.tokens(accounts.tokens(caller.get()), made, name, error);
  }

  private Response page(int status, TemplateInstance template) {
    String html = answers.page(template).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
  }

  /** Null = never, which is what anything but a number of days means. */
  private static @Nullable Instant end(@Nullable String days) {
    boolean hasEnd = days != null && days.matches("[1-9]\\d{0,3}");
    return hasEnd ? Instant.now().plus(Long.parseLong(days), ChronoUnit.DAYS) : null;
  }

  @CheckedTemplate(basePath = "account")
  static class Templates {
    static native TemplateInstance tokens(List<Token> tokens, @Nullable NewToken made, String name, @Nullable String error);
  }
}
