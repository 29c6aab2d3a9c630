package dev.tallyman.exec;

import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.web.CurrentCaller;
import dev.tallyman.web.Given;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/containers/{name}/exec")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "Containers")
class ExecResource {
  private final Execs execs;
  private final CurrentCaller caller;
  private final CommandOutput outputs;

  @Inject
  ExecResource(Execs execs, CurrentCaller caller, CommandOutput outputs) {
    this.execs = execs;
    this.caller = caller;
    this.outputs = outputs;
  }

  /** @param timeoutSeconds 1 to 300, absent = 30 */
  record Command(
      @Nullable List<String> command, @Nullable Map<String, String> env, @Nullable String workingDir, @Nullable String user, @Nullable Boolean detach, @Nullable Integer timeoutSeconds) {}

  /**
   * @param exitCode absent while it still runs: it was detached or its time was up
   * @param isCut true if there was more output than is shown
   */
  record Result(String id, @Nullable Integer exitCode, String output, String errors, boolean isCut) {}

  @POST
  @Operation(
      summary = "Runs a command in a running container and answers with its output",
      description = "At most 1 MiB of output. A command that is not over after timeoutSeconds goes on; only its answer ends. The Engine API has interactive execs.")
  public Result run(@PathParam("name") String name, @Nullable Command given) {
    Caller who = caller.get();
    Command command = Given.body(given);
    int seconds = command.timeoutSeconds() == null ? 30 : command.timeoutSeconds();
    if (seconds < 1 || seconds > 300) {
      throw ExecRules.invalid("the field 'timeoutSeconds' must be 1 to 300");
    }
    boolean isDetached = Boolean.TRUE.equals(command.detach());
    String id = execs.create(who, name, request(command, isDetached));
    MonitorConnection connection = execs.start(who, id, isDetached, 0, 0);
    if (connection == null) {
      return new Result(id, null, "", "", false);
    }
    CommandOutput.Read read = outputs.read(connection, seconds);
    return new Result(id, execs.inspect(who, id).exitCode(), read.output(), read.errors(), read.isCut());
  }

  private static ExecRequest request(Command command, boolean isDetached) {
    List<String> words = Given.required(command.command(), "command");
    Map<String, String> env = command.env() == null ? Map.of() : command.env();
    if (words.stream().anyMatch(Objects::isNull) || env.values().stream().anyMatch(Objects::isNull)) {
      throw ExecRules.invalid("the command or the environment holds null");
    }
    return new ExecRequest(
        words, env.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList(), command.workingDir() == null ? "" : command.workingDir(),
        command.user() == null ? "" : command.user(), false, false, false, !isDetached, !isDetached, "");
  }
}
