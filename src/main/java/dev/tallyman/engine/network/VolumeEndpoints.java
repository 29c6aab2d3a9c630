package dev.tallyman.engine.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Singleton;

/** Volumes, of which there are none: an empty list, and a clear refusal to make one. */
@Singleton
class VolumeEndpoints implements EngineEndpoints {
  @Override
  public void register(EndpointTable table) {
    table.get("/volumes", this::list);
    table.get("/volumes/{id}", this::absent);
    table.put("/volumes/{id}", this::absent);
    table.delete("/volumes/{id}", this::remove);
    table.post("/volumes/create", this::create);
    table.post("/volumes/prune", exchange -> Answer.ok(Json.object().<ObjectNode>set("VolumesDeleted", Json.array()).put("SpaceReclaimed", 0)));
  }

  private Answer list(Exchange exchange) {
    exchange.query().filters("dangling", "driver", "label", "name");
    return Answer.ok(Json.object().<ObjectNode>set("Volumes", Json.array()).putNull("Warnings"));
  }

  private Answer absent(Exchange exchange) {
    throw new TallymanException(ErrorKind.NOT_FOUND, "get " + exchange.name() + ": no such volume");
  }

  private Answer remove(Exchange exchange) {
    if (exchange.query().flag("force")) {
      return Answer.empty(204);
    }
    return absent(exchange);
  }

  private Answer create(Exchange exchange) {
    throw new TallymanException(ErrorKind.UNSUPPORTED, "volumes are not supported by this server yet; use --tmpfs for scratch space");
  }
}
