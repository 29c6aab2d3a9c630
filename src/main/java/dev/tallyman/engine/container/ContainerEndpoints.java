package dev.tallyman.engine.container;

import dev.tallyman.container.ContainerSpec.RestartPolicy;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.Created;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import dev.tallyman.kernel.SandboxSpec.Limits;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What changes containers. */
@Singleton
class ContainerEndpoints implements EngineEndpoints {
  private final Containers containers;
  private final Images images;

  @Inject
  ContainerEndpoints(Containers containers, Images images) {
    this.containers = containers;
    this.images = images;
  }

  @Override
  public void register(EndpointTable table) {
    table.post("/containers/create", this::create);
    table.post("/containers/{id}/start", this::start);
    table.post("/containers/{id}/stop", this::stop);
    table.post("/containers/{id}/restart", this::restart);
    table.post("/containers/{id}/kill", this::kill);
    table.post("/containers/{id}/pause", this::pause);
    table.post("/containers/{id}/unpause", this::unpause);
    table.post("/containers/{id}/rename", this::rename);
    table.post("/containers/{id}/update", this::update);
    table.post("/containers/{id}/resize", this::resize);
    table.delete("/containers/{name}", this::remove);
  }

  private Answer create(Exchange exchange) {
    Query query = exchange.query();
    String name = query.text("name");
    JsonFields config = exchange.json();
    requirePlatform(exchange, config);
    List<String> warnings = CreateVersions.apply(config, exchange.version());
    Created created = containers.create(exchange.caller(), CreateRequest.read(name.startsWith("/") ? name.substring(1) : name, config));
    List<String> all = Stream.concat(created.warnings().stream(), warnings.stream()).toList();
    return Answer.json(201, Json.object().put("Id", created.id()).set("Warnings", Json.texts(all)));
  }

  private void requirePlatform(Exchange exchange, JsonFields config) {
    String asked = exchange.version().isBefore(41) ? "" : exchange.query().text("platform");
    String image = config.text("Image");
    if (asked.isEmpty()) {
      return;
    }
    Platform platform = Platform.of(asked);
    // An image that is not there is told by what comes next.
    if (images.idOf(exchange.caller(), image).isPresent()) {
      platform.require(image, images.inspect(exchange.caller(), image));
    }
  }

  private Answer start(Exchange exchange) {
    if (!exchange.query().text("checkpoint").isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "checkpoints are not supported by this server");
    }
    // Options of a container are given when it is created; very old clients gave some here.
    exchange.jsonIfAny().refuseOthers();
    return Answer.empty(containers.start(exchange.caller(), exchange.name()) ? 204 : 304);
  }

  private Answer stop(Exchange exchange) {
    Query query = exchange.query();
    return Answer.empty(containers.stop(exchange.caller(), exchange.name(), signal(exchange), timeout(query)) ? 204 : 304);
  }

  private Answer restart(Exchange exchange) {
    Query query = exchange.query();
    containers.restart(exchange.caller(), exchange.name(), signal(exchange), timeout(query));
    return Answer.empty(204);
  }

  /** Of stop and restart. */
  private static @Nullable String signal(Exchange exchange) {
    return exchange.version().isBefore(42) ? null : exchange.query().textOrNull("signal");
  }

  /** Every negative time waits for ever. */
  private static @Nullable Integer timeout(Query query) {
    Integer seconds = query.numberOrNull("t");
    return seconds == null ? null : Integer.valueOf(Math.max(seconds, -1));
  }

  private Answer kill(Exchange exchange) {
    String signal = exchange.query().text("signal");
    containers.kill(exchange.caller(), exchange.name(), signal.isEmpty() ? "SIGKILL" : signal);
    return Answer.empty(204);
  }

  private Answer pause(Exchange exchange) {
    containers.pause(exchange.caller(), exchange.name());
    return Answer.empty(204);
  }

  private Answer unpause(Exchange exchange) {
    containers.unpause(exchange.caller(), exchange.name());
    return Answer.empty(204);
  }

  private Answer rename(Exchange exchange) {
    String name = exchange.query().text("name");
    containers.rename(exchange.caller(), exchange.name(), name.startsWith("/") ? name.substring(1) : name);
    return Answer.empty(204);
  }

  private Answer update(Exchange exchange) {
    JsonFields fields = exchange.jsonIfAny();
    if (exchange.version().isBefore(40)) {
      fields.drop("PidsLimit");
    }
    if (!exchange.version().isBefore(42)) {
      fields.drop("KernelMemory");
    }
    Limits limits = LimitFields.readChange(fields);
    RestartPolicy restart = fields.has("RestartPolicy") && !fields.object("RestartPolicy").text("Name").isEmpty() ? HostOptions.restart(fields) : null;
    fields.ignore("RestartPolicy");
    fields.refuseOthers();
    return Answer.ok(Json.object().set("Warnings", Json.texts(containers.update(exchange.caller(), exchange.name(), limits, restart))));
  }

  private Answer resize(Exchange exchange) {
    containers.resize(exchange.caller(), exchange.name(), exchange.query().terminalSize("h", "height"), exchange.query().terminalSize("w", "width"));
    return Answer.empty(200);
  }

  /** {@code docker rm --link OWNER/ALIAS}; the name of a container alone is no link. */
  private Answer unlink(Exchange exchange) {
    String name = exchange.name().startsWith("/") ? exchange.name().substring(1) : exchange.name();
    int slash = name.indexOf('/');
    if (slash < 0) {
      containers.inspect(exchange.caller(), name);
      throw new TallymanException(ErrorKind.CONFLICT, "Conflict, cannot remove the default link name of the container");
    }
    containers.unlink(exchange.caller(), name.substring(0, slash), name.substring(slash + 1));
    return Answer.empty(204);
  }

  private Answer remove(Exchange exchange) {
    Query query = exchange.query();
    if (query.flag("link")) {
      return unlink(exchange);
    }
    containers.remove(exchange.caller(), exchange.name(), query.flag("force"), query.flag("v"));
    return Answer.empty(204);
  }
}
