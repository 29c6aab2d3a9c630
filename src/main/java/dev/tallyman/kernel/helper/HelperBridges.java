package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Bridges;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Bridges made by the helper. */
@ApplicationScoped
class HelperBridges implements Bridges {
  private final Helper helper;

  HelperBridges(Helper helper) {
    this.helper = helper;
  }

  @Override
  public void up(String network, String gateway, int prefix, boolean isInternal) {
    Request request =
        Request.of(Verb.NETWORK_UP).id(Tag.NETWORK, network).number(Tag.GATEWAY, Addresses.ipv4(gateway)).number(Tag.PREFIX, prefix);
    helper.call(isInternal ? request.number(Tag.INTERNAL, 1) : request);
  }

  @Override
  public void down(String network) {
    helper.call(Request.of(Verb.NETWORK_DOWN).id(Tag.NETWORK, network));
  }

  @Override
  public List<String> list() {
    return helper.call(Request.of(Verb.NETWORK_LIST)).all(Tag.NETWORK);
  }
}
