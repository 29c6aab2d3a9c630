package dev.tallyman.dashboard.image;

import dev.tallyman.build.BuildWish;
import dev.tallyman.build.DockerfileChecks;
import dev.tallyman.build.DockerfileChecks.Report;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.util.List;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** The page of Dockerfiles: checks them, and has what is needed to build them. With a script the answer takes its place in the page; without one the page comes again with it. */
@Page
@Blocking
@Path("/ui/images/dockerfile")
public class BuildPages {
  private final DockerfileChecks checks;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  BuildPages(DockerfileChecks checks, CurrentCaller caller, Answers answers) {
    this.checks = checks;
    this.caller = caller;
    this.answers = answers;
  }

  /** What was typed, and what came of it. @param report absent until something was asked */
  record Sheet(String dockerfile, String ignored, String arguments, @Nullable Answer report) {}

  /** A report in the reader's language. */
  record Answer(DockerfileChecks.@Nullable Fault fault, List<DockerfileChecks.StageSummary> stages, List<Finding> findings, boolean refuses) {}

  /** One line of the table of findings. @param page where the rule is explained */
  record Finding(int line, String rule, String text, @Nullable String page) {}

  @GET
  public TemplateInstance sheet() {
    caller.get();
    return answers.page(Templates.build(new Sheet("", "", "", null)));
  }

  @POST
  public TemplateInstance check(@RestForm @Nullable String dockerfile, @RestForm @Nullable String ignored, @RestForm @Nullable String arguments) {
    String text = dockerfile == null ? "" : dockerfile.replace("\r\n", "\n");
    String ignore = ignored == null ? "" : ignored;
    String given = arguments == null ? "" : arguments;
    Report report = checks.check(caller.get(), "Dockerfile", text, ignore.isBlank() ? null : ignore, BuildWish.pairs(given.lines().filter(line -> !line.isBlank()).toList(), "build argument"));
    Sheet sheet = new Sheet(text, ignore, given, inWords(report));
    return answers.page(answers.isPart() ? Templates.findings(sheet) : Templates.build(sheet));
  }

  private Answer inWords(Report report) {
    List<Finding> findings =
        report.warnings().stream().map(warning -> new Finding(warning.line(), warning.rule(), answers.say(warning.detail()), warning.url())).toList();
    return new Answer(report.fault(), report.stages(), findings, report.refusal() != null);
  }

  @CheckedTemplate(basePath = "image")
  static class Templates {
    static native TemplateInstance build(Sheet sheet);

    static native TemplateInstance findings(Sheet sheet);
  }
}
