package dev.tallyman.dashboard.image;

import dev.tallyman.build.BuildRecords;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.CurrentCaller;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestPath;

/** What builds did: the list, and one with its graph and steps. The page of one that runs asks for itself again until it has ended. */
@Page
@Blocking
@Path("/ui/images/builds")
public class BuildHistoryPages {
  private static final int SHOWN = 100;
  /** Colours and the like, which commands write for terminals, and what returns to the beginning of a line. */
  private static final Pattern TERMINAL = Pattern.compile("\\e\\[[0-9;?]{0,32}[A-Za-z]|[\\x00-\\x08\\x0b-\\x1f\\x7f]");

  private final BuildRecords records;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  BuildHistoryPages(BuildRecords records, CurrentCaller caller, Answers answers) {
    this.records = records;
    this.caller = caller;
    this.answers = answers;
  }

  /** A row of the list. @param tone of the badge; @param took empty while it runs */
  record Row(BuildRecord build, String label, String tone, String state, String took) {}

  /** One build. */
  record Sheet(Row row, BuildChart chart, List<StageSheet> stages) {}

  record StageSheet(StageRecord stage, List<Line> lines) {}

  /** A step. @param after since the beginning of the build; @param tone empty: nothing to remark; @param output for people, without what steers terminals */
  record Line(StepRecord step, String after, String took, String tone, String state, String output, boolean isOpen) {}

  @GET
  public TemplateInstance list() {
    Instant now = Instant.now();
    return answers.page(Templates.builds(records.list(caller.get(), SHOWN).stream().map(each -> row(each, now)).toList()));
  }

  @GET
  @Path("{id:[0-9a-f]{64}}")
  public TemplateInstance one(@RestPath String id) {
    Instant now = Instant.now();
    BuildRecord build = records.get(caller.get(), id);
    List<StageSheet> stages = build.stages().stream().map(stage -> new StageSheet(stage, stage.steps().stream().map(step -> line(step, build, now)).toList())).toList();
    return answers.page(Templates.built(new Sheet(row(build, now), BuildChart.of(build, now), stages)));
  }

  private Row row(BuildRecord build, Instant now) {
    BuildTexts texts = answers.texts(BuildTexts.class);
    String label = build.names().isEmpty() ? build.id().substring(0, 12) : String.join(" ", build.names());
    String took = BuildChart.took(build.startedAt(), build.endedAt() == null ? now : build.endedAt());
    return switch (build.outcome()) {
      case RUNNING -> new Row(build, label, "info", texts.stateRunning(), took);
      case DONE -> new Row(build, label, "good", texts.stateDone(), took);
      case FAILED -> new Row(build, label, "bad", texts.stateFailed(), took);
      case CANCELLED -> new Row(build, label, "warn", texts.stateCancelled(), took);
      case INTERRUPTED -> new Row(build, label, "warn", texts.stateInterrupted(), took);
    };
  }

  private Line line(StepRecord step, BuildRecord build, Instant now) {
    BuildTexts texts = answers.texts(BuildTexts.class);
    String after = BuildChart.took(build.startedAt(), step.startedAt());
    Instant end = step.endedAt() != null ? step.endedAt() : build.endedAt() != null ? build.endedAt() : now;
    String took = BuildChart.took(step.startedAt(), end);
    String output = TERMINAL.matcher(step.output().stream().map(OutputPiece::text).collect(Collectors.joining())).replaceAll("");
    return switch (BuildChart.look(step, build)) {
      case "cached" -> new Line(step, after, took, "good", texts.stateCached(), output, false);
      case "failed" -> new Line(step, after, took, "bad", texts.stateFailed(), output, true);
      case "stopped" -> new Line(step, after, took, "warn", texts.stateStopped(), output, false);
      case "running" -> new Line(step, after, took, "info", texts.stateRunning(), output, true);
      default -> new Line(step, after, took, "", "", output, false);
    };
  }

  @POST
  @Path("{id:[0-9a-f]{64}}/remove")
  public Response remove(@RestPath String id) {
    try {
      records.remove(caller.get(), id);
    } catch (TallymanException e) {
      return answers.failed("/ui/images/builds/" + id, answers.reason(e));
    }
    return answers.done("/ui/images/builds", answers.texts(BuildTexts.class).forgotten());
  }

  @CheckedTemplate(basePath = "image")
  static class Templates {
    static native TemplateInstance builds(List<Row> rows);

    static native TemplateInstance built(Sheet sheet);
  }
}
