package dev.tallyman.web;

import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Way;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** By which door a request came in, told by its path and its connection. */
public final class Doors {
  private static final AttributeKey<Origin> PEER = AttributeKey.valueOf("tallyman.peer");
  private static final AttributeKey<Resident> RESIDENT = AttributeKey.valueOf("tallyman.resident");
  private static final Set<String> OPEN = Set.of("/q/health", "/q/health/live", "/q/health/ready", "/q/health/started", "/q/openapi");

  private static final Set<String> SEARCH = Set.of("/v1/_ping", "/v1/search");

  private Doors() {}

  static Way wayOf(String path) {
    if (isForPeople(path)) {
      return Way.BROWSER;
    }
    return isApi(path) || path.startsWith("/q/") ? Way.REST : Way.DOCKER;
  }

  static boolean isApi(String path) {
    return path.equals("/api") || path.startsWith("/api/");
  }

  static boolean isForPeople(String path) {
    return path.equals("/") || path.equals("/ui") || path.startsWith("/ui/") || isAsset(path) || path.equals("/favicon.ico");
  }

  /** Scripts, styles and pictures: our own, and those of libraries. */
  private static boolean isAsset(String path) {
    return path.startsWith("/assets/") || path.startsWith("/webjars/");
  }

  /** The Index (OCI distribution, and the search of the API before it). It reads credentials itself: its challenges and its tokens are those of registries. */
  public static boolean isIndex(String path) {
    return path.equals("/v2") || path.startsWith("/v2/") || SEARCH.contains(path);
  }

  /** Paths for which nobody is asked here who they are. */
  static boolean needsNoCaller(String path) {
    return isAsset(path) || OPEN.contains(path) || isIndex(path);
  }

  public static boolean isUnixSocket(HttpServerRequest request) {
    return channel(request) instanceof EpollDomainSocketChannel;
  }

  static void setResident(HttpConnection connection, Resident resident) {
    ((ConnectionBase) connection).channel().attr(RESIDENT).set(resident);
  }

  /** The container whose socket the request came by; null for all other doors. */
  static @Nullable Resident residentOf(HttpServerRequest request) {
    return channel(request).attr(RESIDENT).get();
  }

  /** What a container's socket is for: the Engine API, and nothing else. */
  static boolean isEngine(String path) {
    return wayOf(path) == Way.DOCKER && !isIndex(path);
  }

  /** Where the request came from, as the kernel told it. The peer's credentials are those at the time of its connect. */
  public static Origin originOf(HttpServerRequest request) {
    Resident resident = residentOf(request);
    if (resident != null) {
      return Origin.ofContainer(resident.container()); // ids of its users mean nothing on the host
    }
    if (channel(request) instanceof EpollDomainSocketChannel socket) {
      Origin known = socket.attr(PEER).get();
      if (known == null) {
        known = peer(socket);
        socket.attr(PEER).set(known);
      }
      return known;
    }
    SocketAddress address = request.remoteAddress();
    return address == null || address.hostAddress() == null ? Origin.none() : Origin.ofAddress(shortest(address.hostAddress()));
  }

  /** The form of RFC 5952: ::1, not 0:0:0:0:0:0:0:1. */
  private static String shortest(String address) {
    InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(address);
    return parsed == null ? address : NetUtil.toAddressString(parsed);
  }

  static Channel channel(HttpServerRequest request) {
    return ((ConnectionBase) request.connection()).channel();
  }

  private static Origin peer(EpollDomainSocketChannel socket) {
    try {
      PeerCredentials peer = socket.peerCredentials();
      return Origin.ofPeer(Integer.toUnsignedLong(peer.uid()), peer.pid());
    } catch (IOException e) {
      // The peer is gone; nobody is known then.
      return Origin.none();
    }
  }
}
