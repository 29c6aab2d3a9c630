package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.Bridges;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.SandboxSpec;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * A kernel in memory: what the beans {@link FakeSandboxes}, {@link FakeLayers}, {@link FakeBridges}, {@link FakeProbe} … share. In a
 * {@code @QuarkusTest} they replace the real ones by themselves. Log files and exit records are real, in a temporary folder.
 *
 * <p>Processes are scripted ({@link FakeShell}): {@code echo, cat, sleep, exit, true, false, env, id, stty size, touch, yes …}; others print
 * their arguments. Programs whose name starts with {@code nope}, {@code nosuch} or {@code missing} are not found (127), those that start with
 * {@code noexec} are not executable (126).
 */
@Singleton
public class FakeKernel {
  final Map<String, List<FakeLayers.Entry>> layers = new TreeMap<>();
  final Map<String, FakeContainer> containers = new ConcurrentSkipListMap<>();
  /** Files of volumes by their names; folders too. */
  final Map<String, Map<String, FakeLayers.Entry>> volumes = new TreeMap<>();
  /** Of those that have one. */
  final Map<String, Long> volumeLimits = new TreeMap<>();
  /** Those that hold a part of an archive at most. */
  final Set<String> unfilled = new HashSet<>();
  /** Whether the file system of the volumes keeps limits; most do not. */
  public volatile boolean hasProjectQuotas;
  final Map<String, Bridges.Bridge> networks = new TreeMap<>();
  final List<Bridges.Bridge> routes = new ArrayList<>();
  final Set<String> parents = new HashSet<>();
  final Set<String> takenPorts = new HashSet<>();
  final List<String> anchors = new ArrayList<>();
  final AtomicInteger pids = new AtomicInteger(5_000_000); // above the kernel's highest pid_max, so never a real process
  final Path records;
  final Path sockets;
  final List<String> cleaned = new CopyOnWriteArrayList<>();
  final AtomicInteger prepared = new AtomicInteger();
  volatile String obstacle = "";

  public FakeKernel() {
    try {
      records = Files.createTempDirectory(Files.createDirectories(Path.of("target/test-records")), "kernel").toAbsolutePath();
      sockets = Files.createTempDirectory("tallyman"); // a short path: names of sockets have 107 characters
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the container's end was cleaned up by a call of its own. */
  public boolean isCleaned(String container) {
    return cleaned.contains(container);
  }

  /** As after a power cut: nothing runs, no end was recorded, the layers and writable layers are there. */
  public synchronized void loseAllProcesses() {
    for (FakeContainer each : containers.values()) {
      FakeProcess process = each.process;
      each.process = null;
      each.isFrozen = false;
      if (process != null) {
        process.freeze(false);
        process.signal(9);
      }
      each.execs.clear();
    }
    takenPorts.clear();
    networks.clear();
  }

  /** The next processes that end are reported as killed by the OOM killer. */
  public synchronized void runOutOfMemory(String container) {
    FakeContainer found = get(container);
    found.diesOfMemory = true;
    if (found.process != null) {
      found.process.signal(9);
    }
  }

  /** In bytes, of a volume or of a container's writable layer; 0 = none. */
  public long limitOf(String id) {
    FakeContainer container = containers.get(id);
    return container == null ? volumeLimits.getOrDefault(id, 0L) : container.storageLimit;
  }

  /** As when the files were copied to another file system. */
  public void loseLimits() {
    volumeLimits.clear();
    containers.values().forEach(each -> each.storageLimit = 0);
  }

  /** How many file systems were made ready without a container, as builds read and write files. */
  public int prepared() {
    return prepared.get();
  }

  /** Makes the probe say why no container can be started; empty = all is well. */
  public void hinder(String reason) {
    obstacle = reason;
  }

  /** Another program of the host takes a port; {@code tcp 0.0.0.0:8080}. */
  public synchronized void takePort(String port) {
    takenPorts.add(port);
  }

  /** True if a network's bridge is up. */
  public synchronized boolean hasBridge(String network) {
    return networks.containsKey(network);
  }

  /** True if the container runs and is on the network. */
  public synchronized boolean isOn(String container, String network) {
    FakeContainer found = containers.get(container);
    return found != null && found.isRunning() && found.places.contains(network);
  }

  /** The policy lets networks have the link as their parent. */
  public synchronized void allowParent(String link) {
    parents.add(link);
  }

  public synchronized Bridges.Bridge bridge(String network) {
    return Objects.requireNonNull(networks.get(network));
  }

  /** The host reaches a subnet by another link. */
  public synchronized void route(String gateway, int prefix) {
    routes.add(Bridges.Bridge.plain("0".repeat(64), gateway, prefix));
  }

  /** Puts a layer of empty files there, for tests that need no image. */
  public synchronized void addLayer(String layer, String... files) {
    layers.putIfAbsent(layer, Stream.of(files).map(name -> new FakeLayers.Entry(new TarArchiveEntry(name), new byte[0])).toList());
  }

  /** The networks of a container as its start named them. */
  public synchronized SandboxSpec.Network.Bridge bridgeOf(String container) {
    SandboxSpec spec = get(container).spec;
    if (spec == null || !(spec.network() instanceof SandboxSpec.Network.Bridge bridge)) {
      throw new IllegalStateException("not on a network of its own");
    }
    return bridge;
  }

  /** A container as its last start described it. */
  public synchronized SandboxSpec specOf(String container) {
    return Objects.requireNonNull(get(container).spec, "never started");
  }

  /** What the variables of a command in a container were. */
  public synchronized Map<String, String> environmentOf(String container, String exec) {
    return Map.copyOf(Objects.requireNonNull(get(container).execs.get(exec), "never started").setup.environment());
  }

  /** Whether anything of a container is there. */
  public synchronized boolean holds(String container) {
    return containers.containsKey(container);
  }

  FakeContainer get(String container) {
    FakeContainer found = containers.get(container);
    if (found == null) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such container");
    }
    return found;
  }

  FakeContainer running(String container) {
    FakeContainer found = get(container);
    if (!found.isRunning()) {
      throw new KernelException(ErrorKind.NOT_FOUND, "no such container");
    }
    return found;
  }

  static void deleteTree(Path root) {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Leaves nothing behind. For who made it; that of a {@code @QuarkusTest} is closed with the application. */
  @PreDestroy
  public void close() {
    loseAllProcesses();
    deleteTree(records);
    deleteTree(sockets);
  }
}
