package dev.tallyman.engine.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Containers;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.engine.container.EndpointSettings;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Network;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/** Networks. */
@Singleton
class NetworkEndpoints implements EngineEndpoints {
  private final Networks networks;
  private final Containers containers;

  @Inject
  NetworkEndpoints(Networks networks, Containers containers) {
    this.networks = networks;
    this.containers = containers;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/networks", this::list);
    table.get("/networks/", this::list);
    table.get("/networks/{id}", this::inspect);
    table.post("/networks/create", this::create);
    table.post("/networks/{id}/connect", this::connect);
    table.post("/networks/{id}/disconnect", this::disconnect);
    table.delete("/networks/{id}", this::remove);
    table.post("/networks/prune", this::prune);
  }

  private Answer list(Exchange exchange) {
    Filters filters = exchange.query().filters("dangling", "driver", "id", "label", "name", "scope", "type");
    ArrayNode rows = Json.array();
    NetworkFilter filter = NetworkFilter.ofList(filters);
    networks.list(exchange.caller()).stream().filter(filter::matches).forEach(each -> rows.add(NetworkView.of(each, exchange.version().isBefore(28))));
    return Answer.ok(rows);
  }

  private Answer inspect(Exchange exchange) {
    String scope = exchange.query().text("scope");
    exchange.query().flag("verbose"); // more is told of a swarm's services only
    if (!scope.isEmpty() && !scope.equals("local")) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "network " + exchange.name() + " not found");
    }
    return Answer.ok(NetworkView.of(networks.inspect(exchange.caller(), exchange.name()), true));
  }

  private Answer create(Exchange exchange) {
    JsonFields body = exchange.jsonIfAny();
    if (exchange.version().isBefore(48)) {
      body.drop("EnableIPv4");
    }
    Networks.Created created = networks.create(exchange.caller(), NetworkRequest.read(body));
    ObjectNode view = Json.object().put("Id", created.id());
    view.put("Warning", String.join("; ", created.warnings()));
    return Answer.json(201, view);
  }

  private Answer connect(Exchange exchange) {
    JsonFields body = exchange.jsonIfAny();
    String container = container(body);
    Network network = networks.inspect(exchange.caller(), exchange.name());
    JsonFields settings = body.object("EndpointConfig");
    PlaceSpec place = EndpointSettings.read(network.id(), settings);
    containers.connect(exchange.caller(), container, place);
    return Answer.empty(200);
  }

  private Answer disconnect(Exchange exchange) {
    JsonFields body = exchange.jsonIfAny();
    String container = container(body);
    body.flag("Force"); // a place whose container is gone does not exist here
    Network network = networks.inspect(exchange.caller(), exchange.name());
    containers.disconnect(exchange.caller(), container, network.id());
    return Answer.empty(200);
  }

  private static String container(JsonFields body) {
    String container = body.text("Container");
    if (container.isBlank()) {
      throw new TallymanException(ErrorKind.INVALID, "the field Container is missing: write a container's name or id");
    }
    return container;
  }

  private Answer remove(Exchange exchange) {
    networks.remove(exchange.caller(), exchange.name());
    return Answer.empty(204);
  }

  private Answer prune(Exchange exchange) {
    NetworkFilter filter = NetworkFilter.ofPrune(exchange.query().filters("label", "label!", "until"));
    List<String> removed = networks.prune(exchange.caller(), filter::matches);
    ObjectNode view = Json.object();
    if (removed.isEmpty()) {
      view.putNull("NetworksDeleted");
    } else {
      view.set("NetworksDeleted", Json.texts(removed));
    }
    return Answer.ok(view);
  }
}
