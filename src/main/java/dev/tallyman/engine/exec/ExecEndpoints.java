package dev.tallyman.engine.exec;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.ConsoleSize;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.EngineErrors;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.engine.stream.DetachKeys;
import dev.tallyman.engine.stream.RawConnection;
import dev.tallyman.engine.stream.Session;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.exec.ExecStartedException;
import dev.tallyman.exec.Execs;
import dev.tallyman.exec.Execs.Exec;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.kernel.MonitorConnection;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code docker exec}. */
@Singleton
class ExecEndpoints implements EngineEndpoints {
  private final Execs execs;
  private final Session session;

  @Inject
  ExecEndpoints(Execs execs, Session session) {
    this.execs = execs;
    this.session = session;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/containers/{id}/exec", this::create);
    table.post("/exec/{id}/start", this::start);
    table.post("/exec/{id}/resize", this::resize);
    table.get("/exec/{id}/json", this::inspect);
  }

  private Answer create(Exchange exchange) {
    JsonFields fields = exchange.jsonIfAny();
    List<String> command = fields.textOrTexts("Cmd");
    if (command == null || command.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "No exec command specified");
    }
    ConsoleSize size = size(exchange, fields);
    ExecRequest request =
        new ExecRequest(
            command, fields.texts("Env"), fields.text("WorkingDir"), fields.text("User"), fields.flag("Tty"), fields.flag("Privileged"), fields.flag("AttachStdin"),
            fields.flag("AttachStdout"), fields.flag("AttachStderr"), fields.text("DetachKeys"), size.rows(), size.columns());
    DetachKeys.parse(request.detachKeys());
    fields.ignore("Detach", "Container"); // told again at start, and in the path
    return Answer.json(201, Json.object().put("Id", execs.create(exchange.caller(), exchange.name(), request)));
  }

  private static ConsoleSize size(Exchange exchange, JsonFields fields) {
    if (exchange.version().isBefore(42)) {
      fields.drop("ConsoleSize");
    }
    return ConsoleSize.read(fields);
  }

  private Answer start(Exchange exchange) throws IOException {
    JsonFields fields = exchange.jsonIfAny();
    boolean isDetached = fields.flag("Detach");
    Boolean isTty = fields.flagOrNull("Tty");
    ConsoleSize size = size(exchange, fields);
    Exec exec = execs.inspect(exchange.caller(), exchange.name());
    if (isDetached) {
      execs.start(exchange.caller(), exec.id(), true, size.rows(), size.columns());
      return Answer.empty(200);
    }
    // As with dockerd, who starts it says how its output comes, whatever it was created with: without a word, in frames.
    Opening opening = new Opening(exchange, !Boolean.TRUE.equals(isTty));
    try {
      MonitorConnection monitor = execs.start(exchange.caller(), exec.id(), false, size.rows(), size.columns(), opening);
      if (session.run(opening.client(), monitor, terms(exec.request()))) {
        execs.detached(exchange.caller(), exec.id());
      }
    } catch (ExecStartedException e) {
      // Told in a stream that begins well, as by dockerd: Compose's watch starts each command a second time, and asks for the status alone.
      opening.run();
      opening.tell(e);
    } catch (RuntimeException e) {
      opening.tell(e);
    } finally {
      opening.close();
    }
    return Answer.streamed();
  }

  private static Session.Terms terms(ExecRequest request) {
    return new Session.Terms(
        request.attachesInput(), request.attachesOutput(), request.attachesErrors() || request.isTty(), true, request.isTty() ? DetachKeys.parse(request.detachKeys()) : null);
  }

  /**
   * Takes the client's connection over before the command runs. Clients read the head through a buffer and the streams past it (docker-py does):
   * output that came together with the head would be lost to them.
   */
  private static final class Opening implements Runnable {
    private final Exchange exchange;
    private final boolean isMultiplexed;
    private @Nullable RawConnection client;

    Opening(Exchange exchange, boolean isMultiplexed) {
      this.exchange = exchange;
      this.isMultiplexed = isMultiplexed;
    }

    @Override
    public void run() {
      try {
        client = RawConnection.take(exchange, isMultiplexed);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    RawConnection client() {
      return Objects.requireNonNull(client);
    }

    /** As dockerd does: once there are streams, they tell why, whatever it is, and the exit code (126, 127) is read by inspect. */
    void tell(RuntimeException failure) throws IOException {
      if (client == null) {
        throw failure;
      }
      String message = EngineErrors.told(failure, "start of an exec").getMessage();
      client.write(false, ByteBuffer.wrap((message + "\r\n").getBytes(StandardCharsets.UTF_8)));
    }

    void close() {
      if (client != null) {
        client.close();
      }
    }
  }

  private Answer resize(Exchange exchange) {
    execs.resize(exchange.caller(), exchange.name(), exchange.query().terminalSize("h", "height"), exchange.query().terminalSize("w", "width"));
    return Answer.empty(200);
  }

  private Answer inspect(Exchange exchange) {
    Exec exec = execs.inspect(exchange.caller(), exchange.name());
    ExecRequest request = exec.request();
    ObjectNode view = Json.object();
    view.put("ID", exec.id());
    view.put("Running", exec.isRunning());
    putOrNull(view, exec.exitCode());
    ObjectNode process = view.putObject("ProcessConfig");
    process.put("tty", request.isTty());
    process.put("entrypoint", request.command().get(0));
    process.set("arguments", Json.texts(request.command().subList(1, request.command().size())));
    process.put("privileged", request.isPrivileged());
    if (!request.user().isEmpty()) {
      process.put("user", request.user());
    }
    view.put("OpenStdin", request.attachesInput());
    view.put("OpenStderr", request.attachesErrors());
    view.put("OpenStdout", request.attachesOutput());
    view.put("CanRemove", false);
    view.put("ContainerID", exec.containerId());
    view.put("DetachKeys", request.detachKeys());
    view.put("Pid", exec.pid());
    return Answer.ok(view);
  }

  private static void putOrNull(ObjectNode view, @Nullable Integer exitCode) {
    if (exitCode == null) {
      view.putNull("ExitCode");
    } else {
      view.put("ExitCode", exitCode);
    }
  }
}
