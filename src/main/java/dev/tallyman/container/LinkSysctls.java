package dev.tallyman.container;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Settings of a container's link to one network: {@code net.ipv4.conf.IFNAME.log_martians=1}, several with commas between them. */
final class LinkSysctls {
  private static final int MAX = 32;
  /** Also that of the helper. The docker client writes IFNAME in lower case. */
  private static final Pattern NAME = Pattern.compile("(net\\.(?:ipv[46]\\.(?:conf|neigh)|mpls\\.conf)\\.)(?:IFNAME|ifname)\\.([a-z0-9_]{1,47})");

  private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9:.-]{1,64}");
  private static final String WITHOUT_IPV6 = "net.ipv6.conf.ifname.disable_ipv6=";

  private LinkSysctls() {}

  /**
   * @return each with {@code ifname} for the link
   * @throws dev.tallyman.error.TallymanException INVALID, in dockerd's words where it has some
   */
  static List<String> parse(String given) {
    List<String> all = new ArrayList<>();
    for (String each : given.split(",", -1)) {
      if (all.size() == MAX) {
        throw invalid("a place on a network has at most " + MAX + " sysctls");
      }
      all.add(parseOne(each));
    }
    return all;
  }

  private static String parseOne(String given) {
    String[] parts = given.split("=", 2);
    Matcher name = NAME.matcher(parts[0]);
    if (!name.matches()) {
      throw invalid(
          "unrecognised network interface sysctl '" + Refusal.shortened(given) + "'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'");
    }
    if (parts.length < 2) {
      throw invalid("expected sysctl '" + given + "' to have format name=value");
    }
    if (!VALUE.matcher(parts[1]).matches()) {
      throw invalid("the value of sysctl '" + Refusal.shortened(given) + "' has at most 64 letters, digits and : . -");
    }
    return name.group(1) + "ifname." + name.group(2) + "=" + parts[1];
  }

  /** Whether the last word of a place's settings, or the container's for all its links, is that there is no IPv6 there. */
  static boolean isWithoutIpv6(ContainerSpec spec, PlaceSpec place) {
    String all = spec.sysctls().getOrDefault("net.ipv6.conf.all.disable_ipv6", "0");
    String own = place.linkSysctls().stream().filter(each -> each.startsWith(WITHOUT_IPV6)).reduce("", (first, second) -> second);
    return !all.equals("0") || !(own.isEmpty() || own.equals(WITHOUT_IPV6 + "0"));
  }

  private static RuntimeException invalid(String message) {
    return Refusal.invalid("invalid endpoint settings:\n" + message);
  }
}
