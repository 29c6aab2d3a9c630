package dev.tallyman.engine.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Network;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Networks: the three that always exist. Own networks are refused, clearly. */
@Singleton
class NetworkEndpoints implements EngineEndpoints {
  private static final String NO_OWN = "networks of one's own are not supported by this server yet; bridge, none and container:<name> are there";

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
    table.post("/networks/create", exchange -> refuse("cannot create a network: " + NO_OWN));
    table.post("/networks/{id}/connect", this::connect);
    table.post("/networks/{id}/disconnect", this::connect);
    table.delete("/networks/{id}", this::remove);
    // The three networks are in use by definition; there are no others to prune.
    table.post("/networks/prune", exchange -> Answer.ok(Json.object().putNull("NetworksDeleted")));
  }

  private Answer list(Exchange exchange) {
    Filters filters = exchange.query().filters("dangling", "driver", "id", "label", "name", "scope", "type");
    ArrayNode rows = Json.array();
    networks.list(exchange.caller()).stream().filter(each -> matches(each, filters)).forEach(each -> rows.add(view(each)));
    return Answer.ok(rows);
  }

  private static boolean matches(Network network, Filters filters) {
    return isIn(filters, "name", each -> network.name().contains(each))
        && isIn(filters, "id", each -> network.id().startsWith(each))
        && isIn(filters, "driver", each -> each.equals(network.driver()))
        && isIn(filters, "scope", each -> each.equals("local"))
        && isIn(filters, "type", each -> each.equals("builtin"))
        && filters.all("label").stream().allMatch(each -> hasLabel(network, each))
        && !Boolean.TRUE.equals(filters.flag("dangling"));
  }

  private static boolean isIn(Filters filters, String name, Predicate<String> test) {
    List<String> wanted = filters.all(name);
    return wanted.isEmpty() || wanted.stream().anyMatch(test);
  }

  private static boolean hasLabel(Network network, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0 ? network.labels().containsKey(wanted) : wanted.substring(equals + 1).equals(network.labels().get(wanted.substring(0, equals)));
  }

  private Answer inspect(Exchange exchange) {
    Network network = networks.inspect(exchange.caller(), exchange.name());
    ObjectNode view = view(network);
    Map<String, String> names =
        containers.list(exchange.caller(), ContainerFilter.running()).stream().collect(Collectors.toMap(Container::id, Container::name));
    ObjectNode members = Json.object();
    for (Networks.Endpoint each : network.endpoints()) {
      String name = names.get(each.containerId());
      if (name != null) {
        ObjectNode member = members.putObject(each.containerId());
        member.put("Name", name).put("EndpointID", each.containerId()).put("MacAddress", each.mac());
        member.put("IPv4Address", each.address() + prefix(network)).put("IPv6Address", "");
      }
    }
    view.set("Containers", members);
    return Answer.ok(view);
  }

  private static String prefix(Network network) {
    int slash = network.subnet().indexOf('/');
    return slash < 0 ? "" : network.subnet().substring(slash);
  }

  private static ObjectNode view(Network network) {
    ObjectNode view = Json.object();
    view.put("Name", network.name());
    view.put("Id", network.id());
    view.put("Created", Times.text(network.createdAt()));
    view.put("Scope", "local");
    view.put("Driver", network.driver());
    view.put("EnableIPv4", true);
    view.put("EnableIPv6", false);
    ObjectNode addresses = view.putObject("IPAM").put("Driver", "default").putNull("Options");
    ArrayNode config = addresses.putArray("Config");
    if (!network.subnet().isEmpty()) {
      config.addObject().put("Subnet", network.subnet()).put("Gateway", network.gateway());
    }
    view.put("Internal", network.isInternal());
    view.put("Attachable", false);
    view.put("Ingress", false);
    view.putObject("ConfigFrom").put("Network", "");
    view.put("ConfigOnly", false);
    view.putObject("Containers");
    view.set("Options", Json.texts(network.options()));
    view.set("Labels", Json.texts(network.labels()));
    return view;
  }

  private Answer connect(Exchange exchange) {
    networks.inspect(exchange.caller(), exchange.name());
    return refuse("cannot change the networks of a container: a container has the network that it was created with");
  }

  private Answer remove(Exchange exchange) {
    Network network = networks.inspect(exchange.caller(), exchange.name());
    throw new TallymanException(ErrorKind.DENIED, network.name() + " is a pre-defined network and cannot be removed");
  }

  private static Answer refuse(String message) {
    throw new TallymanException(ErrorKind.UNSUPPORTED, message);
  }
}
