package dev.tallyman.testing;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.ExecSpec;
import dev.tallyman.kernel.Isolation;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.SecretFile;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Containers of the {@link FakeKernel}. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FakeSandboxes implements Sandboxes {
  private final FakeKernel kernel;

  public FakeSandboxes(FakeKernel kernel) {
    this.kernel = kernel;
  }

  static void requireId(String id) {
    if (!id.matches("[0-9a-f]{64}")) {
      throw new KernelException(ErrorKind.INVALID, "not an id of 64 hex characters: " + id);
    }
  }

  @Override
  public Started start(SandboxSpec spec, List<SecretFile> secrets) {
    requireId(spec.container());
    synchronized (kernel) {
      FakeContainer container = kernel.containers.getOrDefault(spec.container(), new FakeContainer());
      if (container.isRunning()) {
        throw new KernelException(ErrorKind.ALREADY_EXISTS, "the container runs already");
      }
      if (!kernel.layers.keySet().containsAll(spec.layers())) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such layer");
      }
      requireShared(spec.isolation());
      takePorts(spec);
      requireCommand(spec.args().get(0));
      kernel.containers.put(spec.container(), container);
      container.spec = spec;
      container.secrets.clear();
      secrets.forEach(each -> container.secrets.put("/run/secrets/" + each.name(), each.value().clone()));
      container.places.clear();
      if (spec.network() instanceof SandboxSpec.Network.Bridge bridge) {
        container.places.add(bridge.network());
        bridge.more().forEach(each -> container.places.add(each.network()));
      }
      container.limits = spec.limits();
      container.holdsPorts = true;
      container.isFrozen = false;
      container.diesOfMemory = false;
      container.execs.clear();
      FakeLog log = spec.logFiles() == 0 ? null : new FakeLog(logs(spec.container()), spec.logMaxBytes(), spec.logFiles());
      makeFolder(logs(spec.container()));
      delete(logs(spec.container()).resolve("exit"));
      FakeProcess process =
          new FakeProcess(
              container,
              new FakeProcess.Setup(
                  kernel.pids.incrementAndGet(), spec.args(), environment(spec.env()), spec.workdir().isEmpty() ? "/" : spec.workdir(), spec.user(), spec.flags().isTty(),
                  spec.flags().isStdinOpen(), spec.flags().isStdinOnce(), spec.flags().isHeldForSubscriber(), !spec.flags().hasInit(), spec.rows(), spec.columns()),
              log);
      container.process = process;
      process.start(exit -> recordEnd(spec.container(), container, process, exit));
      return new Started(process.setup.pid(), process.startedAt);
    }
  }

  /** Its policy lists no devices, as that of a new instance. */
  private void requireShared(Isolation isolation) {
    if (!isolation.devices().isEmpty()) {
      throw new KernelException(ErrorKind.DENIED, "devices does not allow " + isolation.devices().get(0).name());
    }
    if (isolation.processesOf() != null) {
      FakeContainer other = kernel.containers.get(isolation.processesOf());
      if (other == null) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such container");
      }
      if (!other.isRunning()) {
        throw new KernelException(ErrorKind.CONFLICT, "the container whose processes or IPC are shared does not run");
      }
    }
  }

  private static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void takePorts(SandboxSpec spec) {
    if (spec.network() instanceof SandboxSpec.Network.Bridge bridge) {
      if (!kernel.networks.containsKey(bridge.network()) || !bridge.more().stream().allMatch(each -> kernel.networks.containsKey(each.network()))) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such network");
      }
      for (SandboxSpec.Port each : bridge.ports()) {
        boolean isTaken = kernel.takenPorts.stream().anyMatch(taken -> collides(taken, each));
        if (isTaken) {
          throw new KernelException(ErrorKind.CONFLICT, "port " + text(each));
        }
      }
      bridge.ports().forEach(each -> kernel.takenPorts.add(text(each)));
    }
  }

  private static String text(SandboxSpec.Port port) {
    return port.protocol() + " " + port.hostAddress() + ":" + port.hostPort();
  }

  private static boolean collides(String taken, SandboxSpec.Port port) {
    String address = taken.substring(taken.indexOf(' ') + 1, taken.lastIndexOf(':'));
    boolean isSamePort = taken.startsWith(port.protocol() + " ") && taken.endsWith(":" + port.hostPort());
    return isSamePort && (address.equals(port.hostAddress()) || address.equals("0.0.0.0") || port.hostAddress().equals("0.0.0.0"));
  }

  private void releasePorts(FakeContainer container) {
    if (container.holdsPorts && container.spec.network() instanceof SandboxSpec.Network.Bridge bridge) {
      bridge.ports().forEach(each -> kernel.takenPorts.remove(text(each)));
    }
    container.holdsPorts = false;
  }

  private static void requireCommand(String command) {
    String name = command.substring(command.lastIndexOf('/') + 1);
    if (name.startsWith("nope") || name.startsWith("nosuch") || name.startsWith("missing")) {
      String reason = command.startsWith("/") ? "stat " + command + ": no such file or directory" : "executable file not found in $PATH";
      throw new CommandNotRunException(127, "exec: \"" + command + "\": " + reason);
    }
    if (name.startsWith("noexec") || command.equals("/etc") || command.startsWith("/etc/")) {
      throw new CommandNotRunException(126, "exec: \"" + command + "\": permission denied");
    }
  }

  private static Map<String, String> environment(List<String> lines) {
    Map<String, String> all = new LinkedHashMap<>();
    lines.forEach(each -> all.put(each.substring(0, each.indexOf('=')), each.substring(each.indexOf('=') + 1)));
    return all;
  }

  private void recordEnd(String id, FakeContainer container, FakeProcess process, Exit exit) {
    synchronized (kernel) {
      if (container.process != process) {
        return; // the machine went down: nobody is there to record anything
      }
      container.execs.values().forEach(each -> each.signal(9));
      try {
        Path file = logs(id).resolve("exit");
        Path temporary = logs(id).resolve("exit.new");
        Files.writeString(
            temporary, exit.code() + " " + exit.signal() + " " + (exit.isOomKilled() ? 1 : 0) + " " + nanos(exit.startedAt()) + " " + nanos(exit.finishedAt()) + "\n");
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Started exec(ExecSpec spec) {
    synchronized (kernel) {
      FakeContainer container = kernel.get(spec.container());
      if (!container.isRunning()) {
        throw new KernelException(ErrorKind.CONFLICT, "the container is not running");
      }
      if (container.isFrozen) {
        throw new KernelException(ErrorKind.CONFLICT, "the container is paused");
      }
      requireCommand(spec.args().get(0));
      FakeProcess process =
          new FakeProcess(
              container,
              new FakeProcess.Setup(
                  kernel.pids.incrementAndGet(), spec.args(), environment(spec.env()), spec.workdir().isEmpty() ? "/" : spec.workdir(), spec.user(), spec.isTty(), spec.isStdinOpen(),
                  spec.isStdinOpen(), spec.isHeldForSubscriber(), false, spec.rows(), spec.columns()),
              null);
      container.execs.put(spec.exec(), process);
      process.start(exit -> {});
      return new Started(process.setup.pid(), process.startedAt);
    }
  }

  @Override
  public void signal(String container, int signal) {
    kernel.running(container).process.signal(signal);
  }

  @Override
  public void signalExec(String container, String exec, int signal) {
    runningExec(container, exec).signal(signal);
  }

  private FakeProcess runningExec(String container, String exec) {
    synchronized (kernel) {
      FakeProcess process = kernel.running(container).execs.get(exec);
      if (process == null || !process.isRunning()) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such exec");
      }
      return process;
    }
  }

  @Override
  public void freeze(String container) {
    setFrozen(container, true);
  }

  @Override
  public void thaw(String container) {
    setFrozen(container, false);
  }

  private void setFrozen(String id, boolean isFrozen) {
    synchronized (kernel) {
      FakeContainer container = kernel.running(id);
      container.isFrozen = isFrozen;
      container.process.freeze(isFrozen);
      container.execs.values().forEach(each -> each.freeze(isFrozen));
    }
  }

  @Override
  public void limit(String container, SandboxSpec.Limits limits) {
    synchronized (kernel) {
      kernel.running(container).limits = limits;
    }
  }

  @Override
  public void clean(String container) {
    kernel.cleaned.add(container);
    takeDown(container);
  }

  private void takeDown(String container) {
    FakeContainer found = kernel.containers.get(container);
    if (found == null) {
      return;
    }
    end(found);
    synchronized (kernel) {
      releasePorts(found);
      found.places.clear();
    }
  }

  private static void end(FakeContainer container) {
    FakeProcess process = container.process;
    if (process == null) {
      return;
    }
    process.signal(9);
    try {
      process.ended.get(10, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("a scripted process did not end", e);
    }
  }

  @Override
  public void remove(String container) {
    FakeContainer found = kernel.containers.get(container);
    if (found == null) {
      return;
    }
    if (found.isRunning()) {
      throw new KernelException(ErrorKind.CONFLICT, "the container runs");
    }
    takeDown(container);
    kernel.containers.remove(container);
    FakeKernel.deleteTree(logs(container));
  }

  @Override
  public List<Known> list() {
    synchronized (kernel) {
      return kernel.containers.entrySet().stream()
          .map(
              each -> {
                FakeProcess process = each.getValue().process;
                boolean isRunning = each.getValue().isRunning();
                return new Known(each.getKey(), isRunning, isRunning ? process.setup.pid() : 0, process == null ? Instant.EPOCH : process.startedAt);
              })
          .toList();
    }
  }

  @Override
  public void export(String container, List<String> layers, OutputStream out) {
    Map<String, FakeLayers.Entry> merged = new LinkedHashMap<>();
    synchronized (kernel) {
      for (String layer : layers) {
        kernel.layers.getOrDefault(layer, List.of()).forEach(each -> merged.put(each.header().getName(), each));
      }
    }
    upper(container).forEach(each -> merged.put(each.header().getName(), each));
    write(List.copyOf(merged.values()), out);
  }

  @Override
  public void diff(String container, List<String> layers, OutputStream out) {
    write(upper(container), out);
  }

  private List<FakeLayers.Entry> upper(String container) {
    List<FakeLayers.Entry> entries = new ArrayList<>();
    kernel
        .get(container)
        .upper
        .forEach(
            (path, content) -> {
              TarArchiveEntry header = new TarArchiveEntry(path.substring(1) + (content == null ? "/" : ""));
              header.setSize(content == null ? 0 : content.length);
              entries.add(new FakeLayers.Entry(header, content == null ? new byte[0] : content));
            });
    return entries;
  }

  private static void write(List<FakeLayers.Entry> entries, OutputStream out) {
    try {
      TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (FakeLayers.Entry each : entries) {
        tar.putArchiveEntry(each.header());
        tar.write(each.content());
        tar.closeArchiveEntry();
      }
      tar.finish();
      tar.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<Change> changes(String container, List<String> layers) {
    return kernel.get(container).upper.keySet().stream().map(path -> new Change('A', path)).toList();
  }

  @Override
  public void prepare(String container, long limitBytes) {
    kernel.prepared.incrementAndGet();
    requireId(container);
    if (limitBytes > 0 && !kernel.hasProjectQuotas) {
      throw new KernelException(ErrorKind.INVALID, "--storage-opt is supported only for overlay over xfs with 'pquota' mount option: the file system of the state folder has no projects; ext4 and xfs have, mounted with the option prjquota");
    }
    synchronized (kernel) {
      FakeContainer prepared = kernel.containers.computeIfAbsent(container, absent -> new FakeContainer());
      if (limitBytes > 0) {
        prepared.storageLimit = limitBytes;
      }
    }
  }

  private FakeFiles files(String container, List<String> layers) {
    prepare(container);
    synchronized (kernel) {
      return new FakeFiles(kernel.get(container), layers.stream().map(each -> kernel.layers.getOrDefault(each, List.of())).toList());
    }
  }

  @Override
  public FileRow stat(String container, List<String> layers, String path) {
    return files(container, layers).stat(path);
  }

  @Override
  public void list(String container, List<String> layers, String path, Predicate<FileRow> reader) {
    for (FileRow each : files(container, layers).list(path)) {
      if (!reader.test(each)) {
        return;
      }
    }
  }

  @Override
  public void get(String container, List<String> layers, String path, boolean isContent, Consumer<FileRow> found, OutputStream out) {
    FakeFiles files = files(container, layers);
    found.accept(files.stat(path));
    files.get(path, isContent, out);
  }

  @Override
  public void put(String container, List<String> layers, String path, String owner, boolean keepsKind, InputStream tar) {
    files(container, layers).put(path, owner, keepsKind, tar);
  }

  @Override
  public void overwrite(String container, List<String> layers, String path, InputStream tar) {
    files(container, layers).overwrite(path, tar);
  }

  @Override
  public Sandboxes withMounts(List<dev.tallyman.kernel.Mount> mounts) {
    return this; // volumes are not simulated inside containers
  }

  @Override
  public long size(String container) {
    synchronized (kernel) {
      FakeContainer found = kernel.containers.get(container);
      return found == null ? 0 : found.upper.values().stream().mapToLong(each -> each == null ? 0 : each.length).sum();
    }
  }

  @Override
  public boolean isEmpty(String container) {
    synchronized (kernel) {
      FakeContainer found = kernel.containers.get(container);
      return found == null || found.upper.isEmpty();
    }
  }

  @Override
  public MonitorConnection connect(String container) {
    return new FakeConnection(kernel.running(container).process);
  }

  @Override
  public MonitorConnection connectExec(String container, String exec) {
    synchronized (kernel) {
      FakeProcess process = kernel.get(container).execs.get(exec);
      if (process == null) {
        throw new KernelException(ErrorKind.NOT_FOUND, "no such exec");
      }
      return new FakeConnection(process);
    }
  }

  @Override
  public Optional<Exit> exit(String container) {
    Path file = logs(container).resolve("exit");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      String[] words = Files.readString(file).strip().split(" ");
      return Optional.of(
          new Exit(Integer.parseInt(words[0]), Integer.parseInt(words[1]), words[2].equals("1"), instant(words[3]), instant(words[4])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Instant instant(String nanos) {
    return Instant.ofEpochSecond(0, Long.parseLong(nanos));
  }

  @Override
  public Path socket(String id) {
    requireId(id);
    return kernel.sockets.resolve(id.substring(0, 24) + ".sock");
  }

  @Override
  public void showSockets(String container, List<dev.tallyman.kernel.Mount> sockets) {
    kernel.running(container);
    for (dev.tallyman.kernel.Mount each : sockets) {
      if (!Files.exists(socket(each.source()))) {
        throw new KernelException(ErrorKind.NOT_FOUND, "the server has no such socket");
      }
    }
  }

  @Override
  public Path logs(String container) {
    requireId(container);
    return kernel.records.resolve(container);
  }
}
