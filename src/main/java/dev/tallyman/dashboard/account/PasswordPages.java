package dev.tallyman.dashboard.account;

import dev.tallyman.account.Accounts;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Links;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Way;
import dev.tallyman.web.CurrentCaller;
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
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** The caller's own password: also the only page of an account that has its first one. */
@Page
@Blocking
@Path("/ui/password")
public class PasswordPages {
  private final Accounts accounts;
  private final CurrentCaller caller;
  private final Answers answers;
  private final RoutingContext context;

  @Inject
  PasswordPages(Accounts accounts, CurrentCaller caller, Answers answers, RoutingContext context) {
    this.accounts = accounts;
    this.caller = caller;
    this.answers = answers;
    this.context = context;
  }

  @GET
  public TemplateInstance form() {
    return answers.page(Templates.password(caller.get().accountName(), caller.mustChangePassword(), null));
  }

  @POST
  public Response change(@RestForm("old") @Nullable String old, @RestForm("new") @Nullable String wanted, @RestForm("again") @Nullable String again) {
    Caller who = caller.get();
    String chosen = wanted == null ? "" : wanted;
    if (!chosen.equals(again)) {
      return page(400, answers.texts(AccountTexts.class).passwordsDiffer());
    }
    try {
      accounts.changePassword(who, old == null ? "" : old, chosen);
    } catch (TallymanException e) {
      return page(Statuses.of(e), answers.reason(e));
    }
    // The change has ended every session of the account, this one too; whoever just proved both passwords stays logged in.
    Accounts.Session session = accounts.login(who.accountName(), chosen, Way.BROWSER, who.origin());
    SessionCookie.set(context, session.id(), session.expiresAt());
    return answers.done(Links.HOME, answers.texts(AccountTexts.class).passwordChanged());
  }

  private Response page(int status, String error) {
    String html = answers.page(Templates.password(caller.get().accountName(), caller.mustChangePassword(), error)).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
  }

  @CheckedTemplate(basePath = "account")
  static class Templates {
    static native TemplateInstance password(String account, boolean isFirst, @Nullable String error);
  }
}
