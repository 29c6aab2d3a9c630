package dev.tallyman.web;

import io.netty.util.NetUtil;
import io.quarkus.vertx.http.HttpServer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** By which names and addresses this server is reached. Nothing here asks a name server about a name that a client gave. */
@Singleton
public class OwnAddress {
  private static final Pattern AUTHORITY = Pattern.compile("(?<host>\\[[0-9a-f:.]{2,45}]|[a-z0-9._-]{1,253})(:(?<port>\\d{1,5}))?");
  private final HttpServer server;
  private final Set<String> machine = new HashSet<>(Set.of("localhost"));
  private final Set<String> configured = new HashSet<>();

  @Inject
  OwnAddress(HttpServer server, WebConfig config) {
    this.server = server;
    try {
      machine.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      // A machine without a name of its own has none to allow.
    }
    config.hosts().ifPresent(more -> more.forEach(name -> configured.add(name.toLowerCase(Locale.ROOT))));
  }

  /** @param host in lower case, without a port */
  boolean isName(String host) {
    return machine.contains(host) || configured.contains(host);
  }

  /**
   * True if somebody who uses this address speaks to this server: the machine's names and addresses with the server's port, names that the administrator
   * has given with any port, since a proxy may stand there.
   *
   * @param authority {@code host} or {@code host:port}, an address of IP version 6 in brackets
   */
  public boolean isOurs(String authority) {
    Matcher matcher = AUTHORITY.matcher(authority.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return false;
    }
    String host = matcher.group("host");
    return configured.contains(host) || (isOwnPort(matcher.group("port")) && (machine.contains(host) || isOwnNumber(host)));
  }

  private boolean isOwnPort(@Nullable String port) {
    return port != null && (Integer.parseInt(port) == server.getPort() || Integer.parseInt(port) == server.getSecurePort());
  }

  private static boolean isOwnNumber(String host) {
    InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
    try {
      return address != null && (address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null);
    } catch (SocketException e) {
      return false;
    }
  }
}
