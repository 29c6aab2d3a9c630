package dev.tallyman.build;

import dev.tallyman.build.dockerfile.CheckFacts;
import dev.tallyman.build.dockerfile.Checks;
import dev.tallyman.build.dockerfile.DockerIgnore;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.DockerfileException;
import dev.tallyman.build.dockerfile.Position;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.build.dockerfile.Warning;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and checks a Dockerfile without building anything. Anybody who is logged in may; base images are looked up among the caller's own. */
@ApplicationScoped
public class DockerfileChecks {
  static final String ARCHITECTURE = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
  static final Map<String, String> PLATFORM = Map.of(
      "TARGETPLATFORM", "linux/" + ARCHITECTURE, "TARGETOS", "linux", "TARGETARCH", ARCHITECTURE, "TARGETVARIANT", "",
      "BUILDPLATFORM", "linux/" + ARCHITECTURE, "BUILDOS", "linux", "BUILDARCH", ARCHITECTURE, "BUILDVARIANT", "");

  private final Images images;

  @Inject
  DockerfileChecks(Images images) {
    this.images = images;
  }

  /**
   * @param fault what is wrong with it; absent: it can be read
   * @param warnings of the build checks, by line
   * @param refusal why a build would fail for its warnings, because it says check=error=true; absent: it would not
   */
  public record Report(@Nullable Fault fault, List<StageSummary> stages, List<Warning> warnings, @Nullable String refusal) {}

  /** @param message with file, line, column and the line, as a build would answer; @param line from 1; @param column from 1 */
  public record Fault(String message, String reason, int line, int column) {}

  /** @param name absent when it has none; @param image as written */
  public record StageSummary(int index, @Nullable String name, String image, int line, int instructions) {}

  /**
   * @param ignored text of .dockerignore; absent: there is none
   * @param buildArguments as given with --build-arg
   */
  public Report check(Caller caller, String name, String text, @Nullable String ignored, Map<String, String> buildArguments) {
    return check(caller, name, text, ignored, buildArguments, Set.of());
  }

  /** @param contexts names that mean something else than an image, of which nothing is known */
  public Report check(Caller caller, String name, String text, @Nullable String ignored, Map<String, String> buildArguments, Set<String> contexts) {
    try {
      Dockerfile file = Dockerfile.parse(name, text);
      DockerIgnore ignore = ignored == null ? null : DockerIgnore.parse(ignored);
      CheckFacts facts = new CheckFacts(buildArguments, PLATFORM, image -> contexts.contains(image) ? null : environment(caller, image), ignore);
      Checks checks = Checks.of(file, facts);
      return new Report(null, file.stages().stream().map(DockerfileChecks::summary).toList(), checks.warnings(), checks.refuses() ? checks.refusal() : null);
    } catch (DockerfileException refused) {
      Position at = refused.at() == null ? new Position(1, 1, 1) : refused.at();
      return new Report(new Fault(String.valueOf(refused.getMessage()), refused.reason(), at.line(), at.column()), List.of(), List.of(), null);
    }
  }

  private static StageSummary summary(Stage stage) {
    return new StageSummary(stage.index(), stage.name(), stage.from().image(), stage.from().at().line(), stage.instructions().size());
  }

  /** Variables of an image of the caller; null when there is no such image here. */
  private @Nullable Map<String, String> environment(Caller caller, String image) {
    try {
      Map<String, String> variables = new LinkedHashMap<>();
      for (String pair : images.inspect(caller, image).config().env()) {
        int equals = pair.indexOf('=');
        variables.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
      }
      return variables;
    } catch (TallymanException absent) {
      if (absent.kind() != ErrorKind.NOT_FOUND && absent.kind() != ErrorKind.INVALID) {
        throw absent;
      }
      return null;
    }
  }
}
