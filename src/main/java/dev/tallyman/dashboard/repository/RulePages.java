package dev.tallyman.dashboard.repository;

import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.index.Repositories;
import dev.tallyman.index.RepositoryRules;
import dev.tallyman.index.RetentionRuns;
import dev.tallyman.index.RetentionRuns.Outcome;
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
import org.jboss.resteasy.reactive.RestForm;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The rules of a repository: its immutable tags, and its retention with what it would take away. */
@Page
@Blocking
@Path("/ui/repositories/rules")
public class RulePages {
  private final Repositories repositories;
  private final RepositoryRules rules;
  private final RetentionRuns runs;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  RulePages(Repositories repositories, RepositoryRules rules, RetentionRuns runs, CurrentCaller caller, Answers answers) {
    this.repositories = repositories;
    this.rules = rules;
    this.runs = runs;
    this.caller = caller;
    this.answers = answers;
  }

  @GET
  public TemplateInstance show(@RestQuery @Nullable String name) {
    return answers.page(Templates.rules(view(Given.required(name, "name"))));
  }

  @POST
  @Path("immutable")
  public Response immutable(@RestForm @Nullable String name, @RestForm @Nullable String patterns) {
    String repository = Given.required(name, "name");
    String typed = text(patterns);
    try {
      rules.lay(caller.get(), repository, RulesView.words(typed), null);
      return answers.done(RulesView.path(repository), texts().rulesChanged(repository));
    } catch (TallymanException e) {
      RulesView now = view(repository);
      return refused(new RulesView(now.details(), now.laid(), typed, now.form(), answers.reason(e), null), e);
    }
  }

  @POST
  @Path("retention")
  public Response retention(
      @RestForm @Nullable String name, @RestForm @Nullable String keepLast, @RestForm @Nullable String keepPushedDays, @RestForm @Nullable String keepPulledDays,
      @RestForm @Nullable String keepTags) {
    String repository = Given.required(name, "name");
    RulesView.Retention typed = new RulesView.Retention(text(keepLast), text(keepPushedDays), text(keepPulledDays), text(keepTags));
    try {
      rules.lay(caller.get(), repository, null, typed.parsed());
      return answers.done(RulesView.path(repository), texts().rulesChanged(repository));
    } catch (TallymanException e) {
      return refused(with(view(repository), typed, answers.reason(e), null), e);
    }
  }

  /** Shows what the rule in the form would take away; nothing is changed. */
  @POST
  @Path("try")
  public Response tryOut(
      @RestForm @Nullable String name, @RestForm @Nullable String keepLast, @RestForm @Nullable String keepPushedDays, @RestForm @Nullable String keepPulledDays,
      @RestForm @Nullable String keepTags) {
    String repository = Given.required(name, "name");
    RulesView.Retention typed = new RulesView.Retention(text(keepLast), text(keepPushedDays), text(keepPulledDays), text(keepTags));
    try {
      Outcome outcome = runs.run(caller.get(), repository, true, typed.parsed());
      return page(200, with(view(repository), typed, null, outcome));
    } catch (TallymanException e) {
      return refused(with(view(repository), typed, answers.reason(e), null), e);
    }
  }

  @POST
  @Path("clean")
  public Response clean(@RestForm @Nullable String name) {
    String repository = Given.required(name, "name");
    Caller who = caller.get();
    repositories.details(who, repository);
    return answers.attempt(
        RulesView.path(repository),
        () -> {
          Outcome outcome = runs.run(who, repository, false, null);
          return texts().cleanedUp(outcome.removed(), outcome.kept());
        });
  }

  private RulesView view(String name) {
    Caller who = caller.get();
    return RulesView.of(repositories.details(who, name), rules.laid(who, name));
  }

  private RulesView with(RulesView now, RulesView.Retention typed, @Nullable String error, @Nullable Outcome outcome) {
    return new RulesView(now.details(), now.laid(), now.immutable(), typed, error, outcome == null ? null : inWords(outcome));
  }

  /** Reasons in the reader's language. */
  private Outcome inWords(Outcome outcome) {
    return new Outcome(
        outcome.repository(), outcome.dryRun(), outcome.kept(), outcome.removed(), outcome.manifests(),
        outcome.tags().stream()
            .limit(RepositoryView.ROWS)
            .map(each -> new RetentionRuns.Going(each.tag(), each.digest(), each.pushedAt(), each.lastPulledAt(), reasons(each.why())))
            .toList());
  }

  private String reasons(String why) {
    return String.join("; ", java.util.Arrays.stream(why.split("; ")).map(answers::say).toList());
  }

  /** What may be corrected is shown again as it was typed. */
  private Response refused(RulesView again, TallymanException e) {
    return e.kind() == ErrorKind.INVALID ? page(Statuses.of(e), again) : answers.failed(RulesView.path(again.details().name()), answers.reason(e));
  }

  private Response page(int status, RulesView view) {
    String html = answers.page(Templates.rules(view)).render();
    return Response.status(status).type(MediaType.TEXT_HTML_TYPE.withCharset("UTF-8")).entity(html).build();
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given.replace("\r\n", "\n");
  }

  private IndexTexts texts() {
    return answers.texts(IndexTexts.class);
  }

  @CheckedTemplate(basePath = "repository")
  static class Templates {
    static native TemplateInstance rules(RulesView view);
  }
}
