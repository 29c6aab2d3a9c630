package dev.tallyman.build;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.Sandboxes;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Sockets of SSH agents in the container of one command, and the connections that it makes there. */
final class AgentSockets implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(AgentSockets.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 32;
  private static final int MOST_CONNECTIONS = 16;
  private static final int DEFAULT_MODE = 0600;
  private static final int FOR_EVERYBODY = 0666;

  private final BuildAgents agents;
  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final List<ServerSocketChannel> servers = new ArrayList<>();
  private final List<Path> files = new ArrayList<>();
  private final List<String> env = new ArrayList<>();
  private final Set<SocketChannel> connections = ConcurrentHashMap.newKeySet();

  AgentSockets(BuildAgents agents, Sandboxes sandboxes, WaitingThreads threads) {
    this.agents = agents;
    this.sandboxes = sandboxes;
    this.threads = threads;
  }

  /** @return as BuildKit calls them @param number of sockets before it */
  static String target(RunMount mount, int number) {
    return mount.target().isEmpty() ? "/run/buildkit/ssh_agent." + number : mount.target();
  }

  /** Null when the client has none, and none is required. */
  @Nullable Mount open(RunMount mount, String target) {
    String agent = mount.id().isEmpty() ? "default" : mount.id();
    if (!agents.has(agent)) {
      if (mount.isRequired()) {
        throw new Refused("the command requires the SSH agent \"" + agent + "\", and the client gave none: docker build --ssh " + agent);
      }
      return null;
    }
    byte[] random = new byte[ID_BYTES];
    RANDOM.nextBytes(random);
    String id = HexFormat.of().formatHex(random);
    Path file = sandboxes.socket(id);
    try {
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      servers.add(server);
      files.add(file);
      server.bind(UnixDomainSocketAddress.of(file));
      Files.setAttribute(file, "unix:mode", mode(mount));
      threads.execute(() -> accept(server, agent));
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.INTERNAL, "cannot listen on the socket of an SSH agent: " + e.getMessage(), e);
    }
    if (env.isEmpty()) {
      env.add("SSH_AUTH_SOCK=" + target);
    }
    return Mount.ofSocket(id, target, false);
  }

  /** The socket is the root's of its container, so those of other users need the mode for it. */
  private static int mode(RunMount mount) {
    boolean isOfRoot = (mount.uid() == null || mount.uid() == 0) && (mount.gid() == null || mount.gid() == 0);
    return isOfRoot ? (mount.mode() == null ? DEFAULT_MODE : mount.mode() & 0777) : FOR_EVERYBODY;
  }

  /** Where the command finds the first of them. */
  List<String> env() {
    return env;
  }

  private void accept(ServerSocketChannel server, String agent) {
    try {
      while (true) {
        SocketChannel connection = server.accept();
        if (connections.size() >= MOST_CONNECTIONS) {
          connection.close();
        } else {
          connections.add(connection);
          threads.execute(() -> lead(connection, agent));
        }
      }
    } catch (ClosedChannelException e) {
      // The command has ended.
    } catch (IOException e) {
      LOG.warnf("the socket of an SSH agent ended: %s", e.getMessage());
    }
  }

  private void lead(SocketChannel connection, String agent) {
    try (connection) {
      agents.lead(agent, connection, threads);
    } catch (IOException e) {
      LOG.debugf("a connection to an SSH agent ended: %s", e.getMessage());
    } finally {
      connections.remove(connection);
    }
  }

  @Override
  public void close() {
    servers.forEach(AgentSockets::closed);
    connections.forEach(AgentSockets::closed);
    for (Path each : files) {
      try {
        Files.deleteIfExists(each);
      } catch (IOException e) {
        LOG.warnf("the socket of an SSH agent stays: %s", e.getMessage());
      }
    }
    servers.clear();
    files.clear();
  }

  private static void closed(AutoCloseable channel) {
    try {
      channel.close();
    } catch (Exception e) {
      LOG.debugf("a channel could not be closed: %s", e.getMessage());
    }
  }
}
