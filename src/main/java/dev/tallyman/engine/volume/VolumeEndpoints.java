package dev.tallyman.engine.volume;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import dev.tallyman.volume.Volumes.NewVolume;
import dev.tallyman.volume.Volumes.Pruned;
import dev.tallyman.volume.Volumes.VolumeFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Volumes. */
@Singleton
class VolumeEndpoints implements EngineEndpoints {
  private final Volumes volumes;

  @Inject
  VolumeEndpoints(Volumes volumes) {
    this.volumes = volumes;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/volumes", this::list);
    table.get("/volumes/{id}", exchange -> Answer.ok(view(volumes.inspect(exchange.caller(), exchange.name()))));
    table.put("/volumes/{id}", this::update);
    table.delete("/volumes/{id}", this::remove);
    table.post("/volumes/create", this::create);
    table.post("/volumes/prune", this::prune);
  }

  private Answer list(Exchange exchange) {
    VolumeFilter filter = new VolumeFilter(exchange.query().filters("dangling", "driver", "label", "label!", "name").values());
    ArrayNode rows = Json.array();
    volumes.list(exchange.caller(), filter).forEach(each -> rows.add(view(each)));
    return Answer.ok(Json.object().<ObjectNode>set("Volumes", rows).putNull("Warnings"));
  }

  private ObjectNode view(Volume volume) {
    return VolumeViews.view(volume, volumes.mountpoint(volume));
  }

  private Answer create(Exchange exchange) {
    JsonFields fields = exchange.jsonIfAny();
    fields.allowOnly("ClusterVolumeSpec", "there is no cluster");
    NewVolume asked = new NewVolume(fields.text("Name"), fields.text("Driver"), fields.textMap("DriverOpts"), fields.textMap("Labels"));
    return Answer.json(201, view(volumes.create(exchange.caller(), asked)));
  }

  /** For cluster volumes only, as dockerd outside of a swarm says. */
  private Answer update(Exchange exchange) {
    throw new TallymanException(
        ErrorKind.UNAVAILABLE, "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.");
  }

  private Answer remove(Exchange exchange) {
    volumes.remove(exchange.caller(), exchange.name(), exchange.query().flag("force"));
    return Answer.empty(204);
  }

  private Answer prune(Exchange exchange) {
    Map<String, List<String>> matches = new HashMap<>(exchange.query().filters("all", "label", "label!").values());
    if (exchange.version().isBefore(42)) {
      matches.put("all", List.of("true")); // named ones went, too
    }
    Pruned pruned = volumes.prune(exchange.caller(), new VolumeFilter(matches));
    return Answer.ok(Json.object().<ObjectNode>set("VolumesDeleted", Json.texts(pruned.removed())).put("SpaceReclaimed", pruned.reclaimedBytes()));
  }
}
