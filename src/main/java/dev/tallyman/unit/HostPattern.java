package dev.tallyman.unit;

import java.util.Locale;

/**
 * A host that an administrator lists: {@code host:port}, {@code host:*} for every port, {@code *.domain:port} for every name below a domain. Names are
 * compared as they stand, not looked up.
 *
 * @param host in lower case, without brackets; empty: matches nothing
 */
public record HostPattern(String host, String port) {
  public static HostPattern of(String text) {
    String pattern = text.strip().toLowerCase(Locale.ROOT);
    int colon = pattern.lastIndexOf(':');
    return colon < 1 ? new HostPattern("", "") : new HostPattern(bare(pattern.substring(0, colon)), pattern.substring(colon + 1));
  }

  private static String bare(String host) {
    return host.replaceAll("^\\[(.*)]$", "$1");
  }

  public boolean matches(String other, int otherPort) {
    String name = bare(other.toLowerCase(Locale.ROOT));
    boolean isHost = host.startsWith("*.") ? name.endsWith(host.substring(1)) : !host.isEmpty() && host.equals(name);
    return isHost && (port.equals("*") || port.equals(String.valueOf(otherPort)));
  }
}
