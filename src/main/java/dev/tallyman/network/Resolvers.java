package dev.tallyman.network;

import dev.tallyman.kernel.Inet6;
import dev.tallyman.kernel.ResolverSockets;
import dev.tallyman.network.dns.Directory;
import dev.tallyman.network.dns.Forwarding;
import dev.tallyman.network.dns.Resolver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The resolvers of running containers. */
@Singleton
class Resolvers {
  private static final Logger LOG = Logger.getLogger(Resolvers.class);
  private static final int DNS_PORT = 53;
  /** Answers take microseconds; a second thread keeps one container's questions from holding up all others'. */
  private static final int THREADS = 2;

  private final NetworkTable table;
  private final HostResolvers host = new HostResolvers();
  private final Forwarding forwarding;
  private final Map<String, Resolver> open = new ConcurrentHashMap<>();
  private @Nullable EventLoopGroup loops;

  @Inject
  Resolvers(NetworkTable table, NetworkConfig config) {
    this.table = table;
    this.forwarding = new Forwarding(config.resolverTimeout().toMillis());
  }

  void open(String container, ResolverSockets sockets, List<String> servers) {
    Resolver resolver = new Resolver(loops(), sockets.udp(), sockets.tcp(), new Names(container, addresses(servers)), forwarding);
    Resolver before = open.put(container, resolver);
    if (before != null) {
      before.close();
    }
  }

  /** Made when the first container asks: a server without own networks needs no threads for them. */
  private synchronized EventLoopGroup loops() {
    if (loops == null) {
      loops = new EpollEventLoopGroup(THREADS, new DefaultThreadFactory("names", true));
    }
    return loops;
  }

  boolean isOpen(String container) {
    return open.containsKey(container);
  }

  void close(String container) {
    Resolver resolver = open.remove(container);
    if (resolver != null) {
      resolver.close();
    }
  }

  @PreDestroy
  void end() {
    open.keySet().forEach(this::close);
    EventLoopGroup present = loops;
    if (present != null) {
      present.shutdownGracefully();
    }
  }

  /**
   * Resolvers that the container's creator named. This server asks them, not the container, so none that only the server reaches: nothing on
   * its loopback, and no link-local address, where clouds keep credentials.
   */
  private static List<InetSocketAddress> addresses(List<String> servers) {
    return servers.stream().map(Resolvers::address).flatMap(Optional::stream).toList();
  }

  private static Optional<InetSocketAddress> address(String server) {
    try {
      InetAddress address = InetAddress.getByName(server); // texts that were checked to be addresses: nothing is looked up
      boolean isOurs = address.isLoopbackAddress() || address.isLinkLocalAddress() || address.isAnyLocalAddress() || address.isMulticastAddress();
      return isOurs ? Optional.empty() : Optional.of(new InetSocketAddress(address, DNS_PORT));
    } catch (UnknownHostException e) {
      LOG.warnf("not the address of a resolver: %s", server);
      return Optional.empty();
    }
  }

  /** What one container may know: the names on the networks that it is on now. */
  private final class Names implements Directory {
    private final String container;
    private final List<InetSocketAddress> own;

    Names(String container, List<InetSocketAddress> own) {
      this.container = container;
      this.own = own;
    }

    /** In the order of names of networks, so that the answer does not change from one time to the next. */
    private List<Map.Entry<NetworkStore.Row, Leases>> networks() {
      return table.bridged().entrySet().stream()
          .filter(each -> each.getValue().isUp(container))
          .flatMap(each -> Optional.ofNullable(table.get(each.getKey())).map(row -> Map.entry(row, each.getValue())).stream())
          .sorted(java.util.Comparator.comparing(each -> each.getKey().name()))
          .toList();
    }

    @Override
    public Optional<List<Integer>> addresses(String name) {
      Optional<List<Integer>> found = Optional.empty();
      for (Map.Entry<NetworkStore.Row, Leases> each : networks()) {
        String known = known(each, name);
        List<Integer> addresses = known.isEmpty() ? List.of() : each.getValue().addresses(container, known);
        if (!addresses.isEmpty()) {
          return Optional.of(addresses);
        }
        found = known.isEmpty() ? found : Optional.of(addresses);
      }
      return found;
    }

    /** The name as it is known on a network, where the network's own may follow it; empty if it is not. */
    private String known(Map.Entry<NetworkStore.Row, Leases> network, String name) {
      if (network.getKey().isBuiltIn()) {
        return ""; // everybody's: no names there, as with Docker
      }
      String suffix = "." + network.getKey().name().toLowerCase(java.util.Locale.ROOT);
      if (!network.getValue().containers(container, name).isEmpty()) {
        return name;
      }
      String first = name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : "";
      return first.isEmpty() || network.getValue().containers(container, first).isEmpty() ? "" : first;
    }

    @Override
    public Optional<String> name(int address) {
      return networks().stream()
          .filter(each -> !each.getKey().isBuiltIn())
          .flatMap(each -> each.getValue().name(address).map(name -> name + "." + each.getKey().name()).stream())
          .findFirst();
    }

    /** Of the first network that has some. */
    @Override
    public List<byte[]> addresses6(String name) {
      for (Map.Entry<NetworkStore.Row, Leases> each : networks()) {
        String known = known(each, name);
        Leases6 six = known.isEmpty() ? null : table.leases6(each.getKey().id());
        List<byte[]> found = six == null ? List.of() : each.getValue().containers(container, known).stream().map(six::address).filter(address -> !address.isEmpty()).map(Inet6::parse).toList();
        if (!found.isEmpty()) {
          return found;
        }
      }
      return List.of();
    }

    @Override
    public Optional<String> name6(byte[] address) {
      for (Map.Entry<NetworkStore.Row, Leases> each : networks()) {
        Leases6 six = table.leases6(each.getKey().id());
        String holder = six == null ? null : six.holder(Inet6.text(address));
        Optional<String> name = holder == null ? Optional.empty() : each.getValue().nameOf(holder);
        if (name.isPresent()) {
          return Optional.of(name.get() + "." + each.getKey().name());
        }
      }
      return Optional.empty();
    }

    @Override
    public List<InetSocketAddress> upstream() {
      boolean hasWayOut = networks().stream().anyMatch(each -> !each.getKey().isInternal());
      if (!hasWayOut) {
        return List.of();
      }
      return own.isEmpty() ? host.addresses() : own;
    }
  }
}
