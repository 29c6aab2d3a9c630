package dev.tallyman.dashboard.account;

import dev.tallyman.account.Accounts;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Way;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Doors;
import dev.tallyman.web.SessionCookie;
import dev.tallyman.web.Statuses;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Begins and ends sessions of browsers. */
@Blocking
@Path("/ui")
public class LoginPages {
  private final Accounts accounts;
  private final CurrentCaller caller;
  private final Answers answers;
  private final RoutingContext context;

  @Inject
  LoginPages(Accounts accounts, CurrentCaller caller, Answers answers, RoutingContext context) {
    this.accounts = accounts;
    this.caller = caller;
    this.answers = answers;
    this.context = context;
  }

  @GET
  @Path("login")
  public Response form(@RestQuery @Nullable String next) {
    if (caller.find().isPresent()) {
      return answers.to(caller.mustChangePassword() ? "/ui/password" : Links.local(next));
    }
    return page(200, "", next, null).build();
  }

  /** Takes no form token, because there is no session yet; the guard has refused requests of foreign pages. */
  @POST
  @Path("login")
  public Response login(@RestForm @Nullable String name, @RestForm @Nullable String password, @RestForm @Nullable String next) {
    String typed = name == null ? "" : name.strip();
    Accounts.Session session;
    try {
      session = accounts.login(typed, password == null ? "" : password, Way.BROWSER, Doors.originOf(context.request()));
    } catch (TallymanException e) {
      Response.ResponseBuilder again = page(Statuses.of(e), typed, next, answers.reason(e));
      return e instanceof RetryLaterException later ? again.header(HttpHeaders.RETRY_AFTER, later.seconds()).build() : again.build();
    }
    SessionCookie.set(context, session.id(), session.expiresAt());
    return answers.to(session.mustChangePassword() ? "/ui/password" : Links.local(next));
  }

  @Page
  @POST
  @Path("logout")
  public Response logout() {
    SessionCookie.read(context).ifPresent(session -> accounts.logout(caller.get(), session));
    SessionCookie.clear(context);
    return answers.done("/ui/login", answers.texts(AccountTexts.class).loggedOut());
  }

  private Response.ResponseBuilder page(int status, String name, @Nullable String next, @Nullable String error) {
    String html = answers.page(Templates.login(name, next == null ? "" : next, error)).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html);
  }

  @CheckedTemplate(basePath = "account")
  static class Templates {
    static native TemplateInstance login(String name, String next, @Nullable String error);
  }
}
