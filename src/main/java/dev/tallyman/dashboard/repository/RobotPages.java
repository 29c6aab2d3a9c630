package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.index.RepositorySearch;
import dev.tallyman.index.Robots;
import dev.tallyman.index.Robots.Changes;
import dev.tallyman.index.Robots.NewSecret;
import dev.tallyman.index.Robots.Robot;
import dev.tallyman.index.Robots.Wanted;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
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
import java.util.function.Consumer;
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Robots of the reader's team, for administrators of all. A new secret is part of the answer to its creation and of nothing else. */
@Page
@Blocking
@Path("/ui/repositories/robots")
public class RobotPages {
  private static final String PATH = "/ui/repositories/robots";

  private static final int MOST_NAMES = 100;

  private final Robots robots;
  private final RepositorySearch search;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  RobotPages(Robots robots, RepositorySearch search, CurrentCaller caller, Answers answers) {
    this.robots = robots;
    this.search = search;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance list() {
    return answers.page(Templates.robots(view(null, empty(), null)));
  }

  @POST
  public Response create(
      @RestForm @Nullable String team, @RestForm @Nullable String name, @RestForm @Nullable String description, @RestForm @Nullable String days,
      @RestForm("repository") @Nullable List<String> repositories, @RestForm @Nullable List<String> may) {
    RobotList.Form typed = new RobotList.Form(text(team).strip(), text(name).strip(), text(description), RightsForm.typed(repositories, may));
    try {
      NewSecret made = robots.create(caller.get(), new Wanted(typed.team(), typed.name(), typed.description(), days(days), typed.rights().rights()));
      return page(200, view(made, empty(), null));
    } catch (TallymanException e) {
      return page(Statuses.of(e), view(null, typed, answers.reason(e)));
    }
  }

  @GET
  @Path("edit")
  public TemplateInstance edit(@RestQuery @Nullable String team, @RestQuery @Nullable String name) {
    Caller who = caller.get();
    who.require(Role.ADMINISTRATOR, "change robots");
    Robot robot = robots.one(who, Given.required(team, "team"), Given.required(name, "name"));
    return answers.page(Templates.robot(new RobotView(robot.team(), robot.name(), robot.description(), RightsForm.of(robot.rights()), names(), null)));
  }

  @POST
  @Path("edit")
  public Response edit(
      @RestForm @Nullable String team, @RestForm @Nullable String name, @RestForm @Nullable String description, @RestForm("repository") @Nullable List<String> repositories,
      @RestForm @Nullable List<String> may) {
    String whose = Given.required(team, "team");
    String which = Given.required(name, "name");
    RightsForm typed = RightsForm.typed(repositories, may);
    try {
      Robot changed = robots.change(caller.get(), whose, which, new Changes(text(description), typed.rights(), null));
      return answers.done(PATH, answers.texts(IndexTexts.class).robotChanged(changed.login()));
    } catch (TallymanException e) {
      return page(Statuses.of(e), Templates.robot(new RobotView(whose, which, text(description), typed, names(), answers.reason(e))));
    }
  }

  @POST
  @Path("renew")
  public Response renew(@RestForm @Nullable String team, @RestForm @Nullable String name, @RestForm @Nullable String days) {
    String whose = Given.required(team, "team");
    String which = Given.required(name, "name");
    try {
      return page(200, view(robots.renew(caller.get(), whose, which, days(days)), empty(), null));
    } catch (TallymanException e) {
      return answers.failed(PATH, answers.reason(e));
    }
  }

  @POST
  @Path("disable")
  public Response disable(@RestForm @Nullable String team, @RestForm @Nullable String name) {
    return change(team, name, robot -> robots.change(caller.get(), robot.team(), robot.name(), new Changes(null, null, true)), false);
  }

  @POST
  @Path("enable")
  public Response enable(@RestForm @Nullable String team, @RestForm @Nullable String name) {
    return change(team, name, robot -> robots.change(caller.get(), robot.team(), robot.name(), new Changes(null, null, false)), false);
  }

  @POST
  @Path("remove")
  public Response remove(@RestForm @Nullable String team, @RestForm @Nullable String name) {
    return change(team, name, robot -> robots.remove(caller.get(), robot.team(), robot.name()), true);
  }

  private record Named(String team, String name) {}

  private Response change(@Nullable String team, @Nullable String name, Consumer<Named> change, boolean isRemoved) {
    Named robot = new Named(Given.required(team, "team"), Given.required(name, "name"));
    String login = robot.team() + "+" + robot.name();
    return answers.attempt(
        PATH,
        () -> {
          change.accept(robot);
          IndexTexts texts = answers.texts(IndexTexts.class);
          return isRemoved ? texts.robotRemoved(login) : texts.robotChanged(login);
        });
  }

  private RobotList view(@Nullable NewSecret made, RobotList.Form form, @Nullable String error) {
    return new RobotList(robots.list(caller.get()), made, form, error, names(), robots.maxDays());
  }

  private RobotList.Form empty() {
    Caller who = caller.get();
    return new RobotList.Form(who.teamName(), "", "", RightsForm.empty());
  }

  /** Only for those who may choose. */
  private List<String> names() {
    Caller who = caller.get();
    return who.role().includes(Role.ADMINISTRATOR) ? search.search(who, "", MOST_NAMES).stream().map(RepositorySearch.Found::name).toList() : List.of();
  }

  private Response page(int status, RobotList view) {
    return page(status, Templates.robots(view));
  }

  private Response page(int status, TemplateInstance template) {
    String html = answers.page(template).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).header("Cache-Control", "no-store").entity(html).build();
  }

  private static int days(@Nullable String typed) {
    return Given.number(Given.required(typed, "days"), "days", -1);
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given;
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance robots(RobotList view);

    static native TemplateInstance robot(RobotView view);
  }
}
