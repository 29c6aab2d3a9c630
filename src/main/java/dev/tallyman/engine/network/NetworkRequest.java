package dev.tallyman.engine.network;

import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.TallymanException;
import dev.tallyman.network.NewNetwork;
import dev.tallyman.network.NewNetwork.Pool;
import java.util.ArrayList;
import java.util.List;

/** Reads the body of POST /networks/create. */
final class NetworkRequest {
  private NetworkRequest() {}

  /** @throws TallymanException INVALID for a wrong type, and for every option that is not here and asks for something */
  static NewNetwork read(JsonFields body) {
    List<Pool> pools = pools(body.object("IPAM"));
    boolean hasIpv6 = body.flag("EnableIPv6");
    boolean isWithoutIpv4 = Boolean.FALSE.equals(body.flagOrNull("EnableIPv4"));
    body.allowOnly("Ingress", "it is for swarms");
    body.allowOnly("Scope", "networks are of this machine", "local");
    NewNetwork network =
        new NewNetwork(body.text("Name"), body.text("Driver"), body.flag("Internal"), body.flag("Attachable"), hasIpv6, pools, body.textMap("Options"), body.textMap("Labels"), body.object("IPAM").textMap("Options"),
            body.flag("ConfigOnly"), body.object("ConfigFrom").text("Network"), isWithoutIpv4);
    body.ignore("CheckDuplicate"); // a name is never given twice
    return network;
  }

  private static List<Pool> pools(JsonFields addresses) {
    addresses.allowOnly("Driver", "addresses are given by the server itself", "default");
    List<Pool> pools = new ArrayList<>();
    for (JsonFields each : addresses.objects("Config")) {
      Pool pool = new Pool(each.text("Subnet"), each.text("IPRange"), each.text("Gateway"), each.textMap("AuxiliaryAddresses"));
      boolean isEmpty = pool.subnet().isEmpty() && pool.range().isEmpty() && pool.gateway().isEmpty() && pool.auxiliary().isEmpty();
      if (!isEmpty) {
        pools.add(pool);
      }
    }
    return pools;
  }
}
