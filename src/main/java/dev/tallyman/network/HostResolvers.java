package dev.tallyman.network;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The resolvers of the host, as its /etc/resolv.conf names them now. Its loopback is fine: this server asks, not a container. */
final class HostResolvers {
  private static final int DNS_PORT = 53;
  private static final long FRESH_NANOS = 5_000_000_000L;
  /** As glibc: more are not asked. */
  private static final int MAX = 3;
  private static final Pattern ADDRESS = Pattern.compile("[0-9a-fA-F:.]{2,45}");

  private final Path file;
  private volatile List<InetSocketAddress> known = List.of();
  private volatile long readAt = System.nanoTime() - FRESH_NANOS - 1;

  HostResolvers() {
    this(Path.of("/etc/resolv.conf"));
  }

  HostResolvers(Path file) {
    this.file = file;
  }

  List<InetSocketAddress> addresses() {
    if (System.nanoTime() - readAt > FRESH_NANOS) {
      known = read();
      readAt = System.nanoTime();
    }
    return known;
  }

  private List<InetSocketAddress> read() {
    List<InetSocketAddress> found = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.strip().split("\\s+");
        if (words.length >= 2 && words[0].equals("nameserver") && ADDRESS.matcher(words[1]).matches() && found.size() < MAX) {
          found.add(new InetSocketAddress(InetAddress.getByName(words[1]), DNS_PORT));
        }
      }
    } catch (UnknownHostException e) {
      return found; // a number that is no address
    } catch (IOException e) {
      return List.of(); // a host without the file has no resolvers
    }
    return found;
  }
}
