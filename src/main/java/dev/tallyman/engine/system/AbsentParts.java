package dev.tallyman.engine.system;

import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Singleton;
import java.util.List;

/** Swarm and plugins answer as on an engine that is in no swarm and has no plugins. */
@Singleton
class AbsentParts implements EngineEndpoints {
  private static final String NO_SWARM =
      "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

  private static final List<String> GET =
      List.of(
          "/swarm", "/swarm/unlockkey", "/nodes", "/nodes/{id}", "/services", "/services/{id}", "/services/{id}/logs", "/tasks", "/tasks/{id}", "/tasks/{id}/logs", "/secrets",
          "/secrets/{id}", "/configs", "/configs/{id}");

  private static final List<String> POST =
      List.of(
          "/swarm/leave", "/swarm/update", "/swarm/unlock", "/nodes/{id}/update", "/services/create", "/services/{id}/update", "/secrets/create", "/secrets/{id}/update",
          "/configs/create", "/configs/{id}/update");

  @Override
  public void register(EndpointTable table) {
    GET.forEach(path -> table.get(path, exchange -> refuse(ErrorKind.UNAVAILABLE, NO_SWARM)));
    POST.forEach(path -> table.post(path, exchange -> refuse(ErrorKind.UNAVAILABLE, NO_SWARM)));
    List.of("/nodes/{id}", "/services/{id}", "/secrets/{id}", "/configs/{id}").forEach(path -> table.delete(path, exchange -> refuse(ErrorKind.UNAVAILABLE, NO_SWARM)));
    for (String each : List.of("/swarm/init", "/swarm/join")) {
      table.post(each, exchange -> refuse(ErrorKind.UNAVAILABLE, "swarm mode is not supported by this server"));
    }
    plugins(table);
  }

  private static void plugins(EndpointTable table) {
    table.get("/plugins", exchange -> Answer.ok(Json.array()));
    table.get("/plugins/{name}/json", exchange -> refuse(ErrorKind.NOT_FOUND, "plugin \"" + exchange.name() + "\" not found"));
    table.get("/plugins/privileges", exchange -> refuse(ErrorKind.UNSUPPORTED, "plugins are not supported by this server"));
    for (String each : List.of("enable", "disable", "push")) {
      table.post("/plugins/{name}/" + each, exchange -> refuse(ErrorKind.NOT_FOUND, "plugin \"" + exchange.name() + "\" not found"));
    }
    for (String each : List.of("upgrade", "set")) {
      table.post("/plugins/{name}/" + each, exchange -> {
        exchange.checkJson();
        return refuse(ErrorKind.NOT_FOUND, "plugin \"" + exchange.name() + "\" not found");
      });
    }
    table.delete("/plugins/{name}", exchange -> refuse(ErrorKind.NOT_FOUND, "plugin \"" + exchange.name() + "\" not found"));
    table.post("/plugins/pull", exchange -> {
      exchange.checkJson();
      boolean isNamed = !exchange.query().text("remote").isEmpty();
      return refuse(isNamed ? ErrorKind.UNSUPPORTED : ErrorKind.INVALID, isNamed ? "plugins are not supported by this server" : "invalid reference format");
    });
    table.upload("POST", "/plugins/create", exchange -> refuse(ErrorKind.UNSUPPORTED, "plugins are not supported by this server"));
  }

  private static Answer refuse(ErrorKind kind, String message) {
    throw new TallymanException(kind, message);
  }
}
