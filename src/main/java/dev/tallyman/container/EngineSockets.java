package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.web.ContainerSockets;
import dev.tallyman.web.Resident;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
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

  private static final int ID_CHARS = 64;

  private final ContainerSockets sockets;
  private final Sandboxes sandboxes;
  private final WaitingThreads threads;
  private final Inventory inventory;
  private final boolean areAllowed;
  private final Path own;

  @Inject
  EngineSockets(
      ContainerSockets sockets, Sandboxes sandboxes, WaitingThreads threads, Inventory inventory, ContainerConfig config, @ConfigProperty(name = "tallyman.run") Path run) {
    this.sockets = sockets;
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.inventory = inventory;
    this.areAllowed = config.engineSocket();
    this.own = run.toAbsolutePath().resolve("docker.sock");
  }

  /** What an earlier server listened on leads nowhere; before anything starts or goes on. */
  void clear(@Observes @Priority(1000) StartupEvent start) {
    Path folder = sandboxes.socket("0".repeat(ID_CHARS)).getParent();
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "*.sock")) {
      for (Path each : left) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      LOG.warnf("sockets of an earlier server stay in %s: %s", folder, e.getMessage());
    }
  }

  /** Whether a bind's source means the engine. */
  boolean isEngine(String source) {
    String real = source.startsWith("/var/run/") ? source.substring("/var".length()) : source;
    return DOCKERS.contains(source) || real.equals(own.toString()) || source.equals(own.toString());
  }

  /** Of containers that were made before the setting, too. @throws TallymanException DENIED where the server's settings say so */
  void requireAllowed(String source) {
    if (!areAllowed) {
      throw Refusal.denied(source + " cannot be mounted: this server gives no container a socket of the Engine API (tallyman.container.engine-socket=false)");
    }
  }

  /** Before its first process, which may ask at once. */
  void open(Facts facts) {
    for (MountPoint each : facts.plan().mounts()) {
      if (each.isSocket()) {
        requireAllowed(each.source());
        sockets.open(new Resident(facts.id(), each.account(), facts.team(), facts.teamName()), sandboxes.socket(facts.id()));
        return;
      }
    }
  }

  private static boolean hasSocket(List<MountPoint> mounts) {
    return mounts.stream().anyMatch(MountPoint::isSocket);
  }

  /** There is none while the container does not run. */
  void close(Facts facts) {
    close(facts.id(), facts.plan().mounts());
  }

  private void close(String container, List<MountPoint> mounts) {
    if (hasSocket(mounts)) {
      sockets.close(container, sandboxes.socket(container));
    }
  }

  @Override
  public void began(Container container) {
    // It goes on under a new server: its socket is that of the old one.
    if (areAllowed && container.hasEngineSocket() && !sockets.isOpen(container.id())) {
      sockets.ready().thenRunAsync(() -> openAgain(container.id()), threads);
    }
  }

  /** What needs the server's doors open; at once for containers that have no socket. */
  void whenReady(Facts facts, Runnable task) {
    if (hasSocket(facts.plan().mounts())) {
      sockets.ready().thenRunAsync(task, threads);
    } else {
      threads.execute(task);
    }
  }

  private void openAgain(String container) {
    Cell cell = inventory.get(container);
    if (cell != null) {
      cell.locked(() -> openAgain(cell));
    }
  }

  /** Unless it has ended, or has begun anew, in the meantime. */
  private void openAgain(Cell cell) {
    if (cell.run == null || sockets.isOpen(cell.id)) {
      return;
    }
    try {
      open(cell.facts());
      sandboxes.showSockets(cell.id, MountPoint.sockets(cell.id, cell.facts().plan().mounts()));
    } catch (TallymanException e) {
      close(cell.facts());
      LOG.errorf("container %s has no socket of the Engine API until it is restarted: %s", cell.id, e.getMessage());
    }
  }

  @Override
  public void ended(Container container) {
    close(container.id(), container.mounts());
  }

  @Override
  public void leaves(Container container) {
    close(container.id(), container.mounts());
  }
}
