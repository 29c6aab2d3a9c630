package dev.tallyman.engine.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.container.EndpointSettings;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.network.Networks;
import dev.tallyman.network.Networks.Network;
import java.util.Map;

/** A network as Docker shows it. */
final class NetworkView {
  private NetworkView() {}

  /** @param hasContainers those that are on it too, as inspect tells them and list does not */
  static ObjectNode of(Network network, boolean hasContainers) {
    ObjectNode view = Json.object();
    view.put("Name", network.name());
    view.put("Id", network.id());
    view.put("Created", Times.text(network.createdAt()));
    view.put("Scope", "local");
    view.put("Driver", network.driver());
    view.put("EnableIPv4", !network.isWithoutIpv4());
    view.put("EnableIPv6", network.configuration() == null ? network.hasIpv6() : network.configuration().hasIpv6());
    putAddresses(view.putObject("IPAM"), network);
    view.put("Internal", network.isInternal());
    view.put("Attachable", network.isAttachable());
    view.put("Ingress", false);
    view.putObject("ConfigFrom").put("Network", network.configFrom());
    view.put("ConfigOnly", network.isConfigOnly());
    ObjectNode members = view.putObject("Containers");
    if (hasContainers) {
      network.endpoints().forEach(each -> putMember(members, network, each));
    }
    view.set("Options", Json.texts(network.options()));
    view.set("Labels", Json.texts(network.labels()));
    return view;
  }

  private static void putAddresses(ObjectNode addresses, Network network) {
    addresses.put("Driver", "default");
    if (network.isBuiltIn()) {
      addresses.putNull("Options");
    } else {
      addresses.set("Options", Json.texts(network.addressOptions()));
    }
    ArrayNode config = addresses.putArray("Config");
    if (network.configuration() != null) {
      network.configuration().pools().forEach(each -> putPool(config.addObject(), each.subnet(), each.range(), each.gateway(), each.auxiliary()));
    }
    if (!network.subnet().isEmpty()) {
      putPool(config.addObject(), network.subnet(), network.range(), network.gateway(), network.auxiliaryAddresses());
    }
    if (network.hasIpv6()) {
      putPool(config.addObject(), network.subnet6(), network.range6(), network.gateway6(), network.auxiliaryAddresses6());
    }
  }

  private static void putPool(ObjectNode pool, String subnet, String range, String gateway, Map<String, String> auxiliary) {
    pool.put("Subnet", subnet);
    if (!range.isEmpty()) {
      pool.put("IPRange", range);
    }
    if (!gateway.isEmpty()) {
      pool.put("Gateway", gateway);
    }
    if (!auxiliary.isEmpty()) {
      pool.set("AuxiliaryAddresses", Json.texts(auxiliary));
    }
  }

  private static void putMember(ObjectNode members, Network network, Networks.Endpoint each) {
    ObjectNode member = members.putObject(each.containerId());
    member.put("Name", each.name());
    member.put("EndpointID", EndpointSettings.id(each.containerId(), network.id()));
    member.put("MacAddress", each.mac());
    member.put("IPv4Address", each.address().isEmpty() ? "" : each.address() + network.subnet().substring(network.subnet().indexOf('/')));
    member.put("IPv6Address", each.address6().isEmpty() ? "" : each.address6() + network.subnet6().substring(network.subnet6().indexOf('/')));
  }
}
