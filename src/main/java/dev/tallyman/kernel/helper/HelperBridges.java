package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.kernel.SandboxSpec;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Bridges made by the helper. */
@ApplicationScoped
class HelperBridges implements Bridges {
  private final Helper helper;

  HelperBridges(Helper helper) {
    this.helper = helper;
  }

  @Override
  public void up(Bridge bridge) {
    Request request = Request.of(Verb.NETWORK_UP).id(Tag.NETWORK, bridge.network());
    if (bridge.prefix() != 0) {
      request.number(Tag.GATEWAY, Addresses.ipv4(bridge.gateway())).number(Tag.PREFIX, bridge.prefix());
    }
    int options = (bridge.isIsolated() ? Protocol.NETWORK_ISOLATED : 0) | (bridge.keepsAddresses() ? Protocol.NETWORK_NO_MASQUERADE : 0);
    if (options != 0 || bridge.mtu() != 0) {
      request.record(Tag.NETWORK_OPTIONS, PlaceRecords.pair(bridge.mtu(), options));
    }
    if (bridge.gateway6() != null) {
      request.record(Tag.NETWORK6, PlaceRecords.range6(bridge.gateway6(), bridge.prefix6()));
    }
    if (bridge.name() != null) {
      request.record(Tag.BRIDGE_NAME, bridge.name().getBytes(StandardCharsets.UTF_8));
    }
    if (bridge.lan() != null) {
      request.record(Tag.LAN, (bridge.lan().mode() + " " + bridge.lan().parent()).getBytes(StandardCharsets.UTF_8));
    }
    helper.call(bridge.isInternal() ? request.number(Tag.INTERNAL, 1) : request);
  }

  @Override
  public void down(String network) {
    helper.call(Request.of(Verb.NETWORK_DOWN).id(Tag.NETWORK, network));
  }

  @Override
  public List<String> list() {
    return helper.call(Request.of(Verb.NETWORK_LIST)).all(Tag.NETWORK);
  }

  @Override
  public void connect(String container, SandboxSpec.Place place, List<SandboxSpec.Port> ports, List<String> sources) {
    Request request =
        Request.of(Verb.NETWORK_CONNECT)
            .id(Tag.CONTAINER, container)
            .id(Tag.NETWORK, place.network());
    PlaceRecords.address(request, place.address(), place.prefix(), place.gateway());
    if (place.mac() != null) {
      request.record(Tag.MAC, Addresses.mac(place.mac()));
    }
    if (place.six() != null) {
      request.record(Tag.ENDPOINT6, PlaceRecords.endpoint6(place.network(), place.six()));
    }
    PlaceRecords.link(request, place.network(), place.link(), place.sysctls());
    PlaceRecords.publication(request, ports, sources);
    helper.call(request);
  }

  @Override
  public void disconnect(String container, String network) {
    helper.call(Request.of(Verb.NETWORK_DISCONNECT).id(Tag.CONTAINER, container).id(Tag.NETWORK, network));
  }

  @Override
  public Optional<ResolverSockets> resolver(String container) {
    return Optional.ofNullable(helper.call(Request.of(Verb.NETWORK_RESOLVER).id(Tag.CONTAINER, container)).resolver());
  }
}
