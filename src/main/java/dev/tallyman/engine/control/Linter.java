package dev.tallyman.engine.control;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.Builds;
import dev.tallyman.build.Cancellation;
import dev.tallyman.build.ClientFiles;
import dev.tallyman.build.DockerfileChecks;
import dev.tallyman.build.DockerfileChecks.Fault;
import dev.tallyman.build.DockerfileChecks.Report;
import dev.tallyman.build.dockerfile.Warning;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.session.Sessions;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code docker build --check}: what the build checks say of a Dockerfile that is not built. */
@Singleton
class Linter {
  private static final String VERSION = "1.0.0";

  private final Builds builds;
  private final DockerfileChecks checks;
  private final Sessions sessions;

  @Inject
  Linter(Builds builds, DockerfileChecks checks, Sessions sessions) {
    this.builds = builds;
    this.checks = checks;
    this.sessions = sessions;
  }

  /** @return facts by the names that clients know */
  Map<String, String> lint(Caller caller, Frontend wish, Job job, Cancellation cancellation) {
    if (!wish.upload().isEmpty() || !wish.request().remote().isEmpty()) {
      throw Messages.unsupported("--check of a context that is an archive, or lies elsewhere, is");
    }
    ClientFiles files = sessions.client(caller, job.session).files();
    BuildRequest request = wish.request();
    Builds.Recipe recipe = builds.recipe(caller, request.dockerfile(), files, job.trace, cancellation);
    Report report = checks.check(caller, request.dockerfile(), recipe.dockerfile(), recipe.ignore(), request.arguments(), wish.contexts().keySet());
    job.trace.failed("");
    ObjectNode results = results(request.dockerfile(), recipe.dockerfile(), report);
    StringBuilder text = new StringBuilder();
    report.warnings().forEach(each -> text.append("\nWARNING: ").append(each.rule()).append(each.url() == null ? "" : " - " + each.url()).append('\n').append(each.detail()).append('\n'));
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("result.json", Json.bytes(results).toString());
    facts.put("result.txt", text.toString());
    facts.put("result.statuscode", report.warnings().isEmpty() && report.fault() == null ? "0" : "1");
    facts.put("version", VERSION);
    return facts;
  }

  private static ObjectNode results(String name, String dockerfile, Report report) {
    ObjectNode results = Json.object();
    ArrayNode warnings = results.putArray("warnings");
    for (Warning each : report.warnings()) {
      ObjectNode warning = warnings.addObject().put("ruleName", each.rule()).put("description", each.description()).put("detail", each.detail());
      if (each.url() != null) {
        warning.put("url", each.url());
      }
      locate(warning.putObject("location"), each.line());
    }
    String data = Base64.getEncoder().encodeToString(dockerfile.getBytes(StandardCharsets.UTF_8));
    results.putArray("sources").addObject().put("filename", name).put("language", "Dockerfile").put("data", data);
    Fault fault = report.fault();
    if (fault != null) {
      ObjectNode error = results.putObject("buildError").put("message", "dockerfile parse error on line " + fault.line() + ": " + fault.reason());
      locate(error.putObject("location"), fault.line());
    }
    return results;
  }

  private static void locate(ObjectNode location, int line) {
    ObjectNode range = location.putArray("ranges").addObject();
    range.putObject("start").put("line", line);
    range.putObject("end").put("line", line);
  }
}
