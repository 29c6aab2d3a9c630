package dev.tallyman.dashboard.account;

import dev.tallyman.account.Accounts;
import dev.tallyman.account.Accounts.Account;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Role;
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
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** Accounts, for administrators. */
@Page
@Blocking
@Path("/ui/accounts")
public class AccountPages {
  private static final String LIST = "/ui/accounts";

  private final Accounts accounts;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  AccountPages(Accounts accounts, CurrentCaller caller, Answers answers) {
    this.accounts = accounts;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return answers.page(template("", Role.MEMBER, null));
  }

  @POST
  public Response create(@RestForm @Nullable String name, @RestForm @Nullable String password, @RestForm @Nullable String role) {
    String typed = name == null ? "" : name.strip();
    try {
      accounts.create(caller.get(), typed, password == null ? "" : password, roleOf(role));
      return answers.done(LIST, texts().accountCreated(typed));
    } catch (TallymanException e) {
      String html = answers.page(template(typed, roleOf(role), answers.reason(e))).render();
      return Response.status(Statuses.of(e)).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
    }
  }

  @POST
  @Path("{name}/role")
  public Response role(@RestPath String name, @RestForm @Nullable String role) {
    return change(name, known -> accounts.update(caller.get(), known, roleOf(role), null, null, null));
  }

  @POST
  @Path("{name}/password")
  public Response password(@RestPath String name, @RestForm @Nullable String password) {
    return change(name, known -> accounts.update(caller.get(), known, null, password == null ? "" : password, null, null));
  }

  @POST
  @Path("{name}/disable")
  public Response disable(@RestPath String name) {
    return change(name, known -> accounts.update(caller.get(), known, null, null, true, null));
  }

  @POST
  @Path("{name}/enable")
  public Response enable(@RestPath String name) {
    return change(name, known -> accounts.update(caller.get(), known, null, null, false, null));
  }

  @POST
  @Path("{name}/remove")
  public Response remove(@RestPath String name) {
    return answers.attempt(
        LIST,
        () -> {
          accounts.remove(caller.get(), name);
          return texts().accountRemoved(name);
        });
  }

  private Response change(String name, Function<String, Account> change) {
    return answers.attempt(LIST, () -> texts().accountChanged(change.apply(name).name()));
  }

  private TemplateInstance template(String name, Role role, @Nullable String error) {
    caller.get().require(Role.ADMINISTRATOR, "manage accounts");
    return Templates.accounts(accounts.list(caller.get()), List.of(Role.values()), name, role, error);
  }

  /** The least right for a name that is none. */
  private static Role roleOf(@Nullable String name) {
    return Arrays.stream(Role.values()).filter(role -> role.name().equals(name)).findFirst().orElse(Role.VIEWER);
  }

  private AccountTexts texts() {
    return answers.texts(AccountTexts.class);
  }

  @CheckedTemplate(basePath = "account")
  static class Templates {
    static native TemplateInstance accounts(List<Account> accounts, List<Role> roles, String name, Role role, @Nullable String error);
  }
}
