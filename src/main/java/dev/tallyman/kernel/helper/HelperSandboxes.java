package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.ExecSpec;
import dev.tallyman.kernel.KernelConfig;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.SandboxSpec;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.SecretFile;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Containers run by the helper and their monitors. */
@ApplicationScoped
class HelperSandboxes implements Sandboxes {
  private final Helper helper;
  private final Path records;
  private final Path monitors;
  private final List<Mount> mounts;

  @Inject
  HelperSandboxes(Helper helper, KernelConfig config) {
    this(helper, config.state().resolve("records"), config.monitor());
  }

  HelperSandboxes(Helper helper, Path records, Path monitors) {
    this(helper, records, monitors, List.of());
  }

  private HelperSandboxes(Helper helper, Path records, Path monitors, List<Mount> mounts) {
    this.mounts = List.copyOf(mounts);
    this.helper = helper;
    this.records = records.toAbsolutePath();
    this.monitors = monitors.toAbsolutePath();
  }

  @Override
  public Sandboxes withMounts(List<Mount> seen) {
    return seen.isEmpty() ? this : new HelperSandboxes(helper, records, monitors, seen);
  }

  /** A request about files. */
  private Request in(Verb verb, String container, List<String> layers) {
    return MountFields.write(on(verb, container, layers), mounts);
  }

  @Override
  public Started start(SandboxSpec spec, List<SecretFile> secrets) {
    Request request = SecretFields.write(StartRequest.of(spec), secrets);
    Reply reply = secrets.isEmpty() ? helper.call(request) : helper.send(request, SecretFields.values(secrets));
    return new Started((int) reply.number(Tag.PID), instant(reply.number(Tag.STARTED_NS)), reply.resolver());
  }

  @Override
  public Started exec(ExecSpec spec) {
    Reply reply = helper.call(StartRequest.of(spec));
    return new Started((int) reply.number(Tag.PID), Instant.now());
  }

  @Override
  public void signal(String container, int signal) {
    helper.call(on(Verb.CONTAINER_SIGNAL, container).number(Tag.SIGNAL, signal));
  }

  @Override
  public void signalExec(String container, String exec, int signal) {
    helper.call(on(Verb.CONTAINER_SIGNAL, container).id(Tag.EXEC, exec).number(Tag.SIGNAL, signal));
  }

  @Override
  public void freeze(String container) {
    helper.call(on(Verb.CONTAINER_FREEZE, container));
  }

  @Override
  public void thaw(String container) {
    helper.call(on(Verb.CONTAINER_THAW, container));
  }

  @Override
  public void limit(String container, SandboxSpec.Limits limits) {
    helper.call(StartRequest.limits(on(Verb.CONTAINER_LIMIT, container), limits));
  }

  @Override
  public void clean(String container) {
    helper.call(on(Verb.CONTAINER_CLEAN, container));
  }

  @Override
  public void remove(String container) {
    helper.call(on(Verb.CONTAINER_REMOVE, container));
  }

  private static Request on(Verb verb, String container) {
    return Request.of(verb).id(Tag.CONTAINER, container);
  }

  private static Request on(Verb verb, String container, List<String> layers) {
    Request request = on(verb, container);
    layers.forEach(each -> request.id(Tag.LAYER, each));
    return request;
  }

  @Override
  public List<Known> list() {
    List<Known> all = new ArrayList<>();
    Reply reply;
    do {
      Request request = Request.of(Verb.CONTAINER_LIST);
      if (!all.isEmpty()) {
        request.id(Tag.AFTER, all.get(all.size() - 1).container());
      }
      reply = helper.call(request);
      all.addAll(known(reply));
    } while (reply.number(Tag.MORE) == 1);
    return all;
  }

  /** A reply holds groups of fields; each begins with the container's id. */
  static List<Known> known(Reply reply) {
    List<Known> all = new ArrayList<>();
    for (Reply.Field each : reply.fields()) {
      if (each.tag() == Tag.CONTAINER) {
        all.add(new Known(each.text(), false, 0, Instant.EPOCH));
        continue;
      }
      if (all.isEmpty()) {
        continue;
      }
      Known last = all.get(all.size() - 1);
      Known more =
          switch (each.tag()) {
            case RUNNING -> new Known(last.container(), each.value() == 1, last.pid(), last.startedAt());
            case PID -> new Known(last.container(), last.isRunning(), (int) each.value(), last.startedAt());
            case STARTED_NS -> new Known(last.container(), last.isRunning(), last.pid(), instant(each.value()));
            default -> last;
          };
      all.set(all.size() - 1, more);
    }
    return all;
  }

  @Override
  public void export(String container, List<String> layers, OutputStream out) {
    helper.receive(on(Verb.CONTAINER_EXPORT, container, layers), out);
  }

  @Override
  public void diff(String container, List<String> layers, OutputStream out) {
    helper.receive(on(Verb.CONTAINER_DIFF, container, layers), out);
  }

  @Override
  public List<Change> changes(String container, List<String> layers) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    helper.receive(on(Verb.CONTAINER_CHANGES, container, layers), out);
    return Changes.parse(out.toByteArray());
  }

  @Override
  public void prepare(String container, long limitBytes) {
    helper.call(on(Verb.CONTAINER_PREPARE, container).longIfSet(Tag.SIZE_LIMIT, limitBytes));
  }

  @Override
  public FileRow stat(String container, List<String> layers, String path) {
    List<FileRow> rows = new ArrayList<>();
    read(in(Verb.FILES_STAT, container, layers).text(Tag.PATH, path), new FileRows(row -> !rows.add(row), null));
    if (rows.isEmpty()) {
      throw new KernelException(ErrorKind.INTERNAL, "the helper told nothing of a file");
    }
    return rows.get(0);
  }

  @Override
  public void list(String container, List<String> layers, String path, Predicate<FileRow> reader) {
    read(in(Verb.FILES_STAT, container, layers).text(Tag.PATH, path).number(Tag.FILE_FLAGS, Protocol.FILE_ENTRIES), new FileRows(reader, null));
  }

  @Override
  public void get(String container, List<String> layers, String path, boolean isContent, Consumer<FileRow> found, OutputStream out) {
    Request request = in(Verb.FILES_GET, container, layers).text(Tag.PATH, path).numberIfSet(Tag.FILE_FLAGS, isContent ? Protocol.FILE_CONTENT : 0);
    read(request, new FileRows(row -> {
      found.accept(row);
      return false;
    }, out));
  }

  private void read(Request request, FileRows rows) {
    helper.receive(request, rows);
  }

  @Override
  public void put(String container, List<String> layers, String path, String owner, boolean keepsKind, InputStream tar) {
    Request request = in(Verb.FILES_PUT, container, layers).text(Tag.PATH, path).textIfAny(Tag.USER, owner);
    helper.send(request.numberIfSet(Tag.FILE_FLAGS, keepsKind ? Protocol.FILE_KEEP_KIND : 0), tar);
  }

  @Override
  public void overwrite(String container, List<String> layers, String path, InputStream tar) {
    helper.send(in(Verb.FILES_PUT, container, layers).text(Tag.PATH, path).number(Tag.FILE_FLAGS, Protocol.FILE_OVERWRITE), tar);
  }

  @Override
  public long size(String container) {
    return helper.call(on(Verb.CONTAINER_SIZE, container)).number(Tag.BYTES);
  }

  @Override
  public boolean isEmpty(String container) {
    return helper.call(on(Verb.CONTAINER_SIZE, container)).number(Tag.COUNT) == 0;
  }

  @Override
  public MonitorConnection connect(String container) {
    return UnixMonitorConnection.open(monitors.resolve(shorten(container) + ".sock"));
  }

  @Override
  public MonitorConnection connectExec(String container, String exec) {
    return UnixMonitorConnection.open(monitors.resolve(shorten(container) + "." + shorten(exec) + ".sock"));
  }

  private static String shorten(String id) {
    requireId(id);
    return id.substring(0, Protocol.SOCKET_ID_CHARS);
  }

  private static void requireId(String id) {
    if (!Request.isId(id)) {
      throw new KernelException(ErrorKind.INVALID, "not an id of " + Protocol.ID_CHARS + " hex characters");
    }
  }

  @Override
  public Optional<Exit> exit(String container) {
    try {
      return ExitRecord.parse(Files.readString(logs(container).resolve("exit")));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new KernelException(ErrorKind.UNAVAILABLE, "cannot read the exit record of container " + container, e);
    }
  }

  @Override
  public Path logs(String container) {
    requireId(container);
    return records.resolve(container);
  }

  /** The helper knows the folder and cuts the id as the monitors' are cut (tallyman_protocol.h). */
  @Override
  public Path socket(String id) {
    requireId(id);
    return monitors.resolve("server").resolve(id.substring(0, Protocol.SOCKET_ID_CHARS) + ".sock");
  }

  @Override
  public void showSockets(String container, List<Mount> sockets) {
    helper.call(MountFields.write(on(Verb.CONTAINER_SOCKETS, container), sockets));
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
