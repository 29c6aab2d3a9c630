package dev.tallyman.network;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Bridges;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Docker's options of the macvlan driver.
 *
 * @param mode bridge, private, vepa or passthru
 * @param parent a link of the host, or LINK.VLAN; empty = none: then its containers reach nobody but each other, by a bridge without a way out
 * @param mtu 0 = the parent's
 */
record LanOptions(String mode, String parent, int mtu) {
  static final String DRIVER = "macvlan";
  private static final List<String> MODES = List.of("bridge", "private", "vepa", "passthru");
  /** What the kernel takes as a link's name, without what Docker's own options could not say. */
  private static final Pattern LINK = Pattern.compile("(?!-)[A-Za-z0-9_.-]{1,15}");

  private static final Pattern VLAN = Pattern.compile(".+\\.(\\d+)");
  private static final int MAX_VLAN = 4094;

  /** @throws TallymanException INVALID for an option that there is not: none is ignored */
  static LanOptions parse(Map<String, String> options) {
    String mode = "";
    String parent = "";
    int mtu = 0;
    for (Map.Entry<String, String> each : options.entrySet()) {
      switch (each.getKey()) {
        case "parent" -> parent = each.getValue();
        case "macvlan_mode" -> mode = each.getValue();
        case NetworkOptions.MTU -> mtu = NetworkOptions.mtu(each.getValue());
        default -> throw invalid("network option " + each.getKey() + " is not supported by the driver macvlan: leave it out");
      }
    }
    if (!mode.isEmpty() && !MODES.contains(mode)) {
      throw invalid("requested macvlan mode '" + mode + "' is not valid, 'bridge' mode is the macvlan driver default");
    }
    if (parent.equals("lo")) {
      throw invalid("loopback interface is not a valid macvlan parent link");
    }
    if (!parent.isEmpty() && !LINK.matcher(parent).matches()) {
      throw invalid("invalid parent " + parent + ": write the name of a link of the host, as eth0, or one with a VLAN's number, as eth0.10");
    }
    Matcher vlan = VLAN.matcher(parent);
    if (vlan.matches() && (vlan.group(1).length() > 4 || Integer.parseInt(vlan.group(1)) < 1 || Integer.parseInt(vlan.group(1)) > MAX_VLAN)) {
      throw invalid("vlan id must be between 1-" + MAX_VLAN + ", received: " + vlan.group(1));
    }
    return new LanOptions(mode.isEmpty() ? "bridge" : mode, parent, mtu);
  }

  boolean isIsolated() {
    return mode.equals("private");
  }

  /** Absent without a parent. */
  Bridges.@Nullable Lan lan() {
    return parent.isEmpty() ? null : new Bridges.Lan(mode, parent);
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
