package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Docker's options of the bridge driver.
 *
 * @param mtu 0 = the kernel's own
 * @param isIsolated containers do not reach one another ({@code enable_icc=false})
 * @param keepsAddresses no masquerade
 * @param hostAddress where ports are published for those who name no address; empty = everywhere
 * @param bridgeName how the bridge is called on the host; empty = as the server likes
 */
record NetworkOptions(int mtu, boolean isIsolated, boolean keepsAddresses, String hostAddress, String bridgeName) {
  static final String MTU = "com.docker.network.driver.mtu";
  private static final String BRIDGE = "com.docker.network.bridge.";
  static final String BRIDGE_NAME = BRIDGE + "name";
  private static final Pattern LINK = Pattern.compile("[a-zA-Z][a-zA-Z0-9_.-]{0,14}");
  private static final Set<String> KERNELS_OWN = Set.of("lo", "all", "default");
  private static final Pattern NUMBER = Pattern.compile("\\d{1,5}");
  private static final int MIN_MTU = 68;
  private static final int MAX_MTU = 65535;

  /** @throws TallymanException INVALID for an option that there is not: none is ignored */
  static NetworkOptions parse(Map<String, String> options) {
    int mtu = 0;
    boolean isIsolated = false;
    boolean keepsAddresses = false;
    String hostAddress = "";
    String bridgeName = "";
    for (Map.Entry<String, String> each : options.entrySet()) {
      String name = each.getKey();
      String value = each.getValue();
      switch (name) {
        case MTU -> mtu = mtu(value);
        case BRIDGE + "enable_icc" -> isIsolated = !flag(name, value);
        case BRIDGE + "enable_ip_masquerade" -> keepsAddresses = !flag(name, value);
        case BRIDGE + "host_binding_ipv4" -> hostAddress = Subnet.text(Subnet.number(value));
        case BRIDGE + "gateway_mode_ipv4", BRIDGE + "gateway_mode_ipv6" -> require(value.equals("nat") || value.isEmpty(), name, "only nat is there");
        case BRIDGE + "default_bridge" -> require(!flag(name, value), name, "there is one default bridge already");
        case BRIDGE_NAME -> {
          require(value.isEmpty() || (LINK.matcher(value).matches() && !KERNELS_OWN.contains(value)), name, "write at most 15 letters, digits and _ . -, beginning with a letter");
          bridgeName = value;
        }
        default -> throw unknown(name, "leave it out");
      }
    }
    return new NetworkOptions(mtu, isIsolated, keepsAddresses, hostAddress.equals("0.0.0.0") ? "" : hostAddress, bridgeName);
  }

  static int mtu(String value) {
    int mtu = NUMBER.matcher(value).matches() ? Integer.parseInt(value) : 0;
    require(mtu >= MIN_MTU && mtu <= MAX_MTU, MTU, "write a number from " + MIN_MTU + " to " + MAX_MTU);
    return mtu;
  }

  private static boolean flag(String name, String value) {
    return switch (value) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw new TallymanException(ErrorKind.INVALID, "invalid value of " + name + ": " + value + "; write true or false");
    };
  }

  private static void require(boolean isGood, String name, String why) {
    if (!isGood) {
      throw new TallymanException(ErrorKind.INVALID, "invalid value of " + name + ": " + why);
    }
  }

  private static TallymanException unknown(String name, String why) {
    return new TallymanException(ErrorKind.INVALID, "network option " + name + " is not supported by this server: " + why);
  }
}
