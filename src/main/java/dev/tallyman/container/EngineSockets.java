package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.web.ContainerSockets;
import dev.tallyman.web.Resident;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Sockets of the Engine API in containers, for programs that look after other containers: reapers of tests, reverse proxies, agents, runners of jobs. Whoever
 * mounts Docker's socket, or this server's, gets one of the container's own; the host's is never shown.
 */
@Singleton
class EngineSockets implements RunListener {
  private static final Logger LOG = Logger.getLogger(EngineSockets.class);
  private static final Set<String> DOCKERS = Set.of("/var/run/docker.sock", "/run/docker.sock");

  private final ContainerSockets sockets;
  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final boolean areAllowed;
  private final Path own;

  @Inject
  EngineSockets(
      ContainerSockets sockets, Sandboxes sandboxes, WaitingThreads threads, ContainerConfig config, @ConfigProperty(name = "tallyman.run") Path run) {
    this.sockets = sockets;
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.areAllowed = config.engineSocket();
    this.own = run.toAbsolutePath().resolve("docker.sock");
  }

  /** Whether a bind's source means the engine. */
  boolean isEngine(String source) {
    String real = source.startsWith("/var/run/") ? source.substring("/var".length()) : source;
    return DOCKERS.contains(source) || real.equals(own.toString()) || source.equals(own.toString());
  }

  /** @throws TallymanException DENIED where the server's settings say so */
  void requireAllowed(String source) {
    if (!areAllowed) {
      throw Refusal.denied("invalid mount config for type \"bind\": " + source + " cannot be mounted: this server gives no container a socket of the Engine API (tallyman.container.engine-socket=false)");
    }
  }

  /** Before its first process, which may ask at once. */
  void open(Facts facts) {
    facts.plan().mounts().stream().filter(MountPoint::isSocket).findFirst().ifPresent(each -> sockets.open(resident(facts, each), sandboxes.socket(facts.id())));
  }

  /** There is none while the container does not run. */
  void close(Facts facts) {
    close(facts.id(), facts.plan().mounts());
  }

  private void close(String container, List<MountPoint> mounts) {
    if (mounts.stream().anyMatch(MountPoint::isSocket)) {
      sockets.close(container, sandboxes.socket(container));
    }
  }

  private static Resident resident(Facts facts, MountPoint socket) {
    return new Resident(facts.id(), socket.account(), facts.team(), facts.teamName());
  }

  @Override
  public void began(Container container) {
    // It goes on under a new server: its socket is that of the old one.
    if (container.mounts().stream().anyMatch(MountPoint::isSocket) && !sockets.isOpen(container.id())) {
      threads.execute(() -> openAgain(container));
    }
  }

  private void openAgain(Container container) {
    try {
      MountPoint socket = container.mounts().stream().filter(MountPoint::isSocket).findFirst().orElseThrow();
      sockets.open(new Resident(container.id(), socket.account(), container.team(), container.teamName()), sandboxes.socket(container.id()));
      sandboxes.showSockets(container.id(), MountPoint.sockets(container.id(), container.mounts()));
    } catch (TallymanException e) {
      close(container.id(), container.mounts()); // it may have ended in the meantime, and nobody would do it then
      LOG.errorf("container %s has no socket of the Engine API until it is restarted: %s", container.id(), e.getMessage());
    }
  }

  @Override
  public void ended(Container container) {
    close(container.id(), container.mounts());
  }
}
