package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.PlaceSpec;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Docker's EndpointSettings: what is asked for a place on a network, and what became of it. */
public final class EndpointSettings {
  private static final Set<String> HONOURED = Set.of(PlaceSpec.LINK_NAME, PlaceSpec.LINK_SYSCTLS);

  private EndpointSettings() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  public static PlaceSpec read(String network, JsonFields endpoint) {
    JsonFields addresses = endpoint.object("IPAMConfig");
    String address = addresses.text("IPv4Address");
    String address6 = addresses.text("IPv6Address");
    addresses.allowOnly("LinkLocalIPs", "containers have no link-local addresses");
    PlaceSpec place =
        new PlaceSpec(network, address, endpoint.text("MacAddress"), endpoint.texts("Aliases"), endpoint.texts("Links"), endpoint.smallNumber("GwPriority"), address6, options(endpoint));
    // What inspect shows of an endpoint; tools that copy a container send it back.
    endpoint.ignore("NetworkID", "EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address", "GlobalIPv6PrefixLen", "DNSNames");
    return place;
  }

  /** dockerd passes over what its drivers do not know; what they do know is not here. */
  private static Map<String, String> options(JsonFields endpoint) {
    Map<String, String> options = endpoint.textMap("DriverOpts");
    options.keySet().stream()
        .filter(each -> each.startsWith("com.docker.network.") && !HONOURED.contains(each))
        .findFirst()
        .ifPresent(each -> {
          throw new TallymanException(ErrorKind.INVALID, "invalid DriverOpts: a place on a network has no option " + each + " here; leave it out");
        });
    return options;
  }

  static ObjectNode write(Container container, Container.Endpoint endpoint) {
    boolean isUp = container.state().isAlive();
    PlaceSpec settings = endpoint.settings();
    ObjectNode view = Json.object();
    if (settings.address().isEmpty() && settings.address6().isEmpty()) {
      view.putNull("IPAMConfig");
    } else {
      putWanted(view.putObject("IPAMConfig"), settings);
    }
    view.set("Links", listOrNull(settings.links()));
    view.set("Aliases", listOrNull(settings.aliases()));
    view.set("DriverOpts", settings.options().isEmpty() ? NullNode.getInstance() : Json.texts(settings.options()));
    view.put("GwPriority", settings.gatewayPriority());
    view.put("NetworkID", endpoint.networkId());
    putAddress(view, container, isUp ? endpoint : null);
    if (!isUp) {
      view.put("MacAddress", settings.mac()); // the wanted one, as dockerd shows it
    }
    view.set("DNSNames", listOrNull(endpoint.names()));
    return view;
  }

  private static void putWanted(ObjectNode wanted, PlaceSpec settings) {
    if (!settings.address().isEmpty()) {
      wanted.put("IPv4Address", settings.address());
    }
    if (!settings.address6().isEmpty()) {
      wanted.put("IPv6Address", settings.address6());
    }
  }

  static void putAddress(ObjectNode to, Container container, Container.@org.jspecify.annotations.Nullable Endpoint endpoint) {
    to.put("EndpointID", endpoint == null ? "" : id(container.id(), endpoint.networkId()));
    to.put("Gateway", endpoint == null ? "" : endpoint.gateway());
    to.put("GlobalIPv6Address", endpoint == null ? "" : endpoint.address6());
    to.put("GlobalIPv6PrefixLen", endpoint == null ? 0 : endpoint.prefix6());
    to.put("IPAddress", endpoint == null ? "" : endpoint.address());
    to.put("IPPrefixLen", endpoint == null ? 0 : endpoint.prefix());
    to.put("IPv6Gateway", endpoint == null ? "" : endpoint.gateway6());
    to.put("MacAddress", endpoint == null ? "" : endpoint.mac());
  }

  /** Docker gives each place an id of its own; here it is made of the two that it joins. */
  public static String id(String container, String network) {
    return container.substring(0, 32) + (network.isEmpty() ? container : network).substring(0, 32);
  }

  private static JsonNode listOrNull(List<String> values) {
    return values.isEmpty() ? NullNode.getInstance() : Json.texts(values);
  }
}
