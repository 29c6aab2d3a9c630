package dev.tallyman.container;

import dev.tallyman.kernel.Inet6;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What may be said about a container's network: ports, names, addresses. */
final class NetworkRules {
  /** Also that of the helper: 10.0.0.1 and the like. */
  private static final Pattern IPV4 = Pattern.compile("(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}");

  private static final Pattern IPV6 = Pattern.compile("[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F.:]*");
  private static final Pattern PORT = Pattern.compile("(\\d{1,5})(?:/(\\w+))?");
  private static final Pattern MAC = Pattern.compile("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}");
  /** Names that the kernel keeps for itself. */
  private static final Set<String> KERNEL_LINKS = Set.of("lo", "all", "default");
  private static final Pattern LINK_NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,14}");
  private static final Pattern HOST_NAME = Pattern.compile("(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(\\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\\.?");
  private static final Pattern RESOLVER_OPTION = Pattern.compile("[a-z0-9-]{1,30}(:\\d{1,5})?");

  /** Of all options of a place together: they are stored with the container. */
  private static final int OPTIONS_CHARS_MAX = 4096;

  private NetworkRules() {}

  /** @param protocol tcp or udp */
  record Port(int number, String protocol) {
    @Override
    public String toString() {
      return number + "/" + protocol;
    }
  }

  /** @throws dev.tallyman.error.TallymanException INVALID, UNSUPPORTED */
  static Port port(String text) {
    Matcher matcher = PORT.matcher(text);
    int number = matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    if (number < 1 || number > 65535) {
      throw Refusal.invalid("invalid port specification: " + Refusal.quoted(text) + "; write a number from 1 to 65535 and /tcp or /udp");
    }
    String protocol = matcher.group(2) == null ? "tcp" : matcher.group(2);
    if (protocol.equals("sctp")) {
      throw Refusal.unsupported("protocol sctp is not supported: " + text);
    }
    if (!Set.of("tcp", "udp").contains(protocol)) {
      throw Refusal.invalid("invalid proto: " + protocol);
    }
    return new Port(number, protocol);
  }

  static void check(ContainerSpec spec) {
    spec.exposedPorts().forEach(NetworkRules::port);
    spec.portBindings().forEach(NetworkRules::checkBinding);
    checkMode(spec);
    spec.dns().forEach(each -> require(isAddress(each), "invalid IP address: " + each));
    spec.dnsSearch().forEach(each -> require(each.equals(".") || HOST_NAME.matcher(each).matches(), each + " is not a valid domain"));
    spec.dnsOptions().forEach(each -> require(RESOLVER_OPTION.matcher(each).matches(), "invalid DNS option: " + each));
    spec.extraHosts().forEach(NetworkRules::checkExtraHost);
    checkName("hostname", spec.hostname(), 64);
    checkName("domainname", spec.domainname(), 200);
    checkMac(spec.macAddress());
    spec.networking().links().forEach(NetworkRules::checkLink);
    spec.networking().places().forEach(NetworkRules::checkPlace);
    Set<String> links = new HashSet<>();
    for (PlaceSpec each : spec.networking().places()) {
      String link = each.linkName();
      require(link == null || links.add(link), "two networks have the same interface name: " + link);
    }
  }

  static void checkPlace(PlaceSpec place) {
    require(!place.hasAddress() || IPV4.matcher(place.address()).matches(), "invalid IPv4 address: " + place.address());
    require(!place.hasAddress6() || Inet6.isAddress(place.address6()), "invalid IPv6 address: " + place.address6());
    checkMac(place.mac());
    place.aliases().forEach(each -> require(each.length() <= 255 && HOST_NAME.matcher(each).matches(), "invalid network alias: " + Refusal.quoted(each)));
    place.links().forEach(NetworkRules::checkLink);
    int chars = place.options().entrySet().stream().mapToInt(each -> each.getKey().length() + each.getValue().length()).sum();
    require(chars <= OPTIONS_CHARS_MAX, "invalid DriverOpts: they have " + chars + " characters, and those of a place on a network at most " + OPTIONS_CHARS_MAX);
    String link = place.linkName();
    require(
        link == null || (LINK_NAME.matcher(link).matches() && !KERNEL_LINKS.contains(link)),
        "invalid interface name: " + Refusal.quoted(link == null ? "" : link) + "; at most 15 letters, digits and _ . - are allowed, beginning with a letter, and not lo, all or default");
    place.linkSysctls(); // refuses what is none
  }

  /** Whether a place can be added to those that a container has. */
  static void checkNextTo(PlaceSpec place, List<PlaceSpec> others) {
    String link = place.linkName();
    require(link == null || others.stream().noneMatch(each -> link.equals(each.linkName())), "another network of the container has the same interface name: " + link);
  }

  private static void checkLink(String given) {
    Membership.Link link = Membership.Link.parse(given);
    boolean isAlias = HOST_NAME.matcher(link.alias()).matches() || ContainerNames.isName(link.alias()); // a whole id has more than a host's name may
    require(!link.container().isEmpty() && isAlias, "bad format for links: " + Refusal.quoted(given));
  }

  private static void checkBinding(ContainerSpec.PortBinding binding) {
    port(binding.containerPort());
    String host = binding.hostAddress();
    require(host.isEmpty() || IPV4.matcher(host).matches() || Inet6.isAddress(host), "invalid IP address: " + host);
    if (Inet6.isMeant(host) && Inet6.canonical(host).equals("::1")) {
      throw Refusal.unsupported("publishing ports on ::1 is not supported: the kernel leads nothing from the host's own IPv6 loopback to a container; publish on 127.0.0.1 or on an address of the host");
    }
    if (!binding.hostPort().isEmpty()) {
      PortRange.parse(binding.hostPort());
    }
  }

  private static void checkMode(ContainerSpec spec) {
    String mode = spec.networkMode();
    boolean publishes = !spec.portBindings().isEmpty() || spec.publishesAllPorts();
    require(!mode.equals("container") && !mode.equals("container:"), "invalid network mode: invalid container format container:<name|id>");
    if (!Placing.isBridged(mode)) {
      String type = mode.startsWith("container:") ? "container type network" : mode + " type networking";
      require(spec.networking().links().isEmpty(), "conflicting options: " + type + " can't be used with links. This would result in undefined behavior");
      require(spec.networking().places().stream().allMatch(each -> each.mac().isEmpty()), "conflicting options: mac-address and the network mode");
      require(spec.networking().places().stream().allMatch(each -> each.equals(PlaceSpec.plain(each.network()))), "conflicting options: settings of a network and the network mode " + mode);
    }
    if (mode.startsWith("container:")) {
      require(!publishes, "conflicting options: port publishing and the container type network mode");
      require(spec.exposedPorts().isEmpty(), "conflicting options: port exposing and the container type network mode");
      require(spec.hostname().isEmpty(), "conflicting options: hostname and the network mode");
      require(spec.macAddress() == null || spec.macAddress().isEmpty(), "conflicting options: mac-address and the network mode");
      require(spec.dns().isEmpty() && spec.dnsSearch().isEmpty() && spec.dnsOptions().isEmpty(), "conflicting options: dns and the network mode");
      require(spec.extraHosts().isEmpty(), "conflicting options: custom host-to-IP mapping and the network mode");
    }
  }

  private static void checkExtraHost(String given) {
    int colon = given.indexOf(':');
    int equals = given.indexOf('=');
    int separator = equals > 0 && (colon < 0 || equals < colon) ? equals : colon;
    boolean isGood = separator > 0 && HOST_NAME.matcher(given.substring(0, separator)).matches();
    String address = isGood ? given.substring(separator + 1) : "";
    require(isGood, "bad format for add-host: " + Refusal.quoted(given));
    require(address.equals("host-gateway") || isAddress(address), "invalid IP address in add-host: " + Refusal.quoted(address));
  }

  private static boolean isAddress(String text) {
    return text.length() <= 45 && (IPV4.matcher(text).matches() || IPV6.matcher(text).matches());
  }

  private static void checkName(String what, String name, int max) {
    require(name.isEmpty() || (name.length() <= max && HOST_NAME.matcher(name).matches()), "invalid " + what + " format: " + name);
  }

  private static void checkMac(@Nullable String mac) {
    if (mac == null || mac.isEmpty()) {
      return;
    }
    require(MAC.matcher(mac).matches(), mac + " is not a valid mac address");
    require((Integer.parseInt(mac.substring(0, 2), 16) & 1) == 0, mac + " is not a valid mac address: it is a multicast address");
  }

  private static void require(boolean isGood, String message) {
    if (!isGood) {
      throw Refusal.invalid(message);
    }
  }

  /** As inspect shows them, with their protocols. What the image says and is no port is passed over: whoever made it is not there to be told. */
  static List<String> exposedTexts(List<String> ofImage, ContainerSpec spec) {
    return java.util.stream.Stream.concat(ofImage.stream().filter(each -> PORT.matcher(each).matches()), spec.exposedPorts().stream())
        .map(each -> each.contains("/") ? each : each + "/tcp")
        .distinct()
        .toList();
  }

  /** Ports that the image or the creator exposes, each once. */
  static List<Port> exposed(List<String> ofImage, ContainerSpec spec) {
    return java.util.stream.Stream.concat(ofImage.stream(), spec.exposedPorts().stream()).map(NetworkRules::port).distinct().toList();
  }
}
