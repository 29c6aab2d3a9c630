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
 * Docker's options of the drivers macvlan and ipvlan.
 *
 * @param mode as of {@link Bridges.Lan}
 * @param parent a link of the host, or LINK.VLAN; empty = none: then its containers reach nobody but each other, by a bridge without a way out
 * @param mtu 0 = the parent's
 */
record LanOptions(String mode, String parent, int mtu) {
  private static final String MACVLAN = "macvlan";
  private static final String IPVLAN = "ipvlan";
  private static final String PARENT = "parent";
  private static final String MODE = "_mode";
  /** Of ipvlan alone. */
  private static final String FLAG = "ipvlan_flag";
  private static final List<String> MACVLAN_MODES = List.of("bridge", "private", "vepa", "passthru");
  private static final List<String> IPVLAN_MODES = List.of("l2", "l3", "l3s");
  private static final List<String> IPVLAN_FLAGS = List.of("bridge", "private", "vepa");
  /** What the kernel takes as a link's name, without what Docker's own options could not say. */
  private static final Pattern LINK = Pattern.compile("(?!-)[A-Za-z0-9_.-]{1,15}");

  private static final Pattern VLAN = Pattern.compile(".+\\.(\\d+)");
  private static final int MAX_VLAN = 4094;

  static boolean isLan(String driver) {
    return driver.equals(MACVLAN) || driver.equals(IPVLAN);
  }

  /** Its links have the MAC address of their parent. */
  static boolean sharesMac(String driver) {
    return driver.equals(IPVLAN);
  }

  /** @throws TallymanException INVALID for an option that there is not: none is ignored */
  static LanOptions parse(String driver, Map<String, String> options) {
    for (String each : options.keySet()) {
      if (!each.equals(PARENT) && !each.equals(driver + MODE) && !each.equals(NetworkOptions.MTU) && !(driver.equals(IPVLAN) && each.equals(FLAG))) {
        throw invalid("network option " + each + " is not supported by the driver " + driver + ": leave it out");
      }
    }
    String parent = options.getOrDefault(PARENT, "");
    requireParent(driver, parent);
    String mtu = options.get(NetworkOptions.MTU);
    return new LanOptions(driver.equals(IPVLAN) ? ipvlan(options) : chosen(driver, "mode", MACVLAN_MODES, options.get(MACVLAN + MODE)), parent, mtu == null ? 0 : NetworkOptions.mtu(mtu));
  }

  private static String ipvlan(Map<String, String> options) {
    String mode = chosen(IPVLAN, "mode", IPVLAN_MODES, options.get(IPVLAN + MODE));
    String flag = chosen(IPVLAN, "flag", IPVLAN_FLAGS, options.get(FLAG));
    return IPVLAN + "-" + mode + (flag.equals(IPVLAN_FLAGS.get(0)) ? "" : "-" + flag);
  }

  /** The first is the default. */
  private static String chosen(String driver, String what, List<String> all, @Nullable String asked) {
    String chosen = asked == null || asked.isEmpty() ? all.get(0) : asked;
    if (!all.contains(chosen)) {
      throw invalid("requested " + driver + " " + what + " '" + chosen + "' is not valid, '" + all.get(0) + "' " + what + " is the " + driver + " driver default");
    }
    return chosen;
  }

  private static void requireParent(String driver, String parent) {
    if (parent.equals("lo")) {
      throw invalid("loopback interface is not a valid " + driver + " parent link");
    }
    if (!parent.isEmpty() && !LINK.matcher(parent).matches()) {
      throw invalid("invalid parent " + parent + ": write the name of a link of the host, as eth0, or one with a VLAN's number, as eth0.10");
    }
    Matcher vlan = VLAN.matcher(parent);
    if (vlan.matches() && (vlan.group(1).length() > 4 || Integer.parseInt(vlan.group(1)) < 1 || Integer.parseInt(vlan.group(1)) > MAX_VLAN)) {
      throw invalid("vlan id must be between 1-" + MAX_VLAN + ", received: " + vlan.group(1));
    }
  }

  boolean isIsolated() {
    return mode.endsWith("private");
  }

  /** Absent without a parent. */
  Bridges.@Nullable Lan lan() {
    return parent.isEmpty() ? null : new Bridges.Lan(mode, parent);
  }

  private static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }
}
