package dev.tallyman.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Contents of /etc/hosts and /etc/resolv.conf of a container. */
final class HostFiles {
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path RESOLV = Path.of("/etc/resolv.conf");
  /** What systemd-resolved asks itself; its own address is reachable from the host only. */
  private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

  private static final String LOCAL =
      "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\nff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n";
  private static final int MAX_BYTES = 60_000;

  private HostFiles() {}

  /** @param addresses none where there is no network of its own; @param gateway likewise absent, for {@code host-gateway}; @param linked whole lines */
  static String hosts(ContainerSpec spec, String hostname, List<String> addresses, @Nullable String gateway, List<String> linked) {
    StringBuilder hosts = new StringBuilder(LOCAL).append(extraHosts(spec, gateway));
    linked.forEach(line -> hosts.append(line).append('\n'));
    for (String address : addresses) {
      hosts.append(address).append('\t').append(names(hostname, spec.domainname())).append('\n');
    }
    return hosts.toString();
  }

  /** The whole name first, then its first part. */
  private static String names(String hostname, String domain) {
    if (!domain.isEmpty()) {
      return hostname + "." + domain + " " + hostname;
    }
    int dot = hostname.indexOf('.');
    return dot > 0 ? hostname + " " + hostname.substring(0, dot) : hostname;
  }

  private static String extraHosts(ContainerSpec spec, @Nullable String gateway) {
    StringBuilder hosts = new StringBuilder();
    for (String extra : spec.extraHosts()) {
      int colon = extra.indexOf(':');
      int equals = extra.indexOf('=');
      int separator = equals > 0 && (colon < 0 || equals < colon) ? equals : colon;
      String target = extra.substring(separator + 1);
      String resolved = target.equals("host-gateway") ? gateway == null ? "127.0.0.1" : gateway : target;
      hosts.append(resolved).append('\t').append(extra, 0, separator).append('\n');
    }
    return hosts.toString();
  }

  /** The host's resolvers as far as a container can reach them, or those that its creator named. */
  static String resolv(ContainerSpec spec) {
    List<String> lines = lines(RESOLV);
    List<String> servers = servers(lines);
    if (servers.isEmpty()) {
      servers = servers(lines(RESOLVED));
    }
    return resolv(spec, lines, servers);
  }

  /** On own networks the server itself answers, and asks the others where it has to. */
  static String ownResolv(ContainerSpec spec) {
    return ownResolv(spec, lines(RESOLV));
  }

  static String ownResolv(ContainerSpec spec, List<String> hostLines) {
    String resolv = withoutServers(spec, "nameserver 127.0.0.11\n", hostLines);
    if (resolv.contains("ndots:")) {
      return resolv;
    }
    return resolv.contains("options ") ? resolv.replaceFirst("(?m)^(options .*)$", "$1 ndots:0") : resolv + "options ndots:0\n";
  }

  static String resolv(ContainerSpec spec, List<String> hostLines, List<String> hostServers) {
    StringBuilder resolv = new StringBuilder();
    for (String server : spec.dns().isEmpty() ? hostServers : spec.dns()) {
      resolv.append("nameserver ").append(server).append('\n');
    }
    return withoutServers(spec, resolv.toString(), hostLines);
  }

  private static String withoutServers(ContainerSpec spec, String servers, List<String> hostLines) {
    StringBuilder resolv = new StringBuilder(servers);
    if (!spec.dnsSearch().isEmpty()) {
      resolv.append(spec.dnsSearch().equals(List.of(".")) ? "" : "search " + String.join(" ", spec.dnsSearch()) + "\n");
    } else {
      hostLines.stream().filter(line -> line.startsWith("search ") || line.startsWith("domain ")).forEach(line -> resolv.append(line).append('\n'));
    }
    if (!spec.dnsOptions().isEmpty()) {
      resolv.append("options ").append(String.join(" ", spec.dnsOptions())).append('\n');
    } else {
      hostLines.stream().filter(line -> line.startsWith("options ")).forEach(line -> resolv.append(line).append('\n'));
    }
    return resolv.isEmpty() ? "# the host has no name server that can be reached from here\n" : resolv.toString();
  }

  /** Without those on the host's loopback, which a container cannot reach. */
  static List<String> servers(List<String> lines) {
    List<String> servers = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver") && !words[1].startsWith("127.") && !words[1].equals("::1")) {
        servers.add(words[1]);
      }
    }
    return servers;
  }

  /** For a container in the host's network: the host's own file, and what its creator added. */
  static String hostsOfHost(ContainerSpec spec) {
    return hostsOfHost(spec, lines(HOSTS));
  }

  static String hostsOfHost(ContainerSpec spec, List<String> hostLines) {
    return String.join("\n", hostLines) + "\n" + extraHosts(spec, null);
  }

  /** Likewise; what its creator named takes the place of the host's, whose loopback it reaches. */
  static String resolvOfHost(ContainerSpec spec) {
    return resolvOfHost(spec, lines(RESOLV));
  }

  static String resolvOfHost(ContainerSpec spec, List<String> hostLines) {
    if (spec.dns().isEmpty() && spec.dnsSearch().isEmpty() && spec.dnsOptions().isEmpty()) {
      return String.join("\n", hostLines) + "\n";
    }
    List<String> servers = hostLines.stream().map(line -> line.split("\\s+")).filter(words -> words.length >= 2 && words[0].equals("nameserver")).map(words -> words[1]).toList();
    return resolv(spec, hostLines, servers);
  }

  private static List<String> lines(Path file) {
    try {
      return Files.size(file) > MAX_BYTES ? List.of() : Files.readAllLines(file).stream().map(String::strip).toList();
    } catch (IOException e) {
      // A host without the file has no resolvers; a container can still be given its own.
      return List.of();
    }
  }
}
