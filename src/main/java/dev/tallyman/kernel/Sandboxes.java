package dev.tallyman.kernel;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Containers as the kernel sees them. Every method blocks (call it on a worker or platform thread) and throws {@link KernelException};
 * absent objects are NOT_FOUND except where success is promised.
 */
public interface Sandboxes {
  /** @throws KernelException ALREADY_EXISTS if it runs; CONFLICT with the port's text if a port is taken; {@link CommandNotRunException} if its command cannot be run */
  default Started start(SandboxSpec spec) {
    return start(spec, List.of());
  }

  /** The same, with files that are there from its first process on, and nowhere else than in its memory. */
  Started start(SandboxSpec spec, List<SecretFile> secrets);

  /** @throws KernelException CONFLICT if the container does not run or is frozen; {@link CommandNotRunException} if the command cannot be run */
  Started exec(ExecSpec spec);

  void signal(String container, int signal);

  void signalExec(String container, String exec, int signal);

  void freeze(String container);

  void thaw(String container);

  /** Changes the limits that are not zero. */
  void limit(String container, SandboxSpec.Limits limits);

  /** After its end: takes down links, ports, cgroup. Kills what is left. Idempotent. */
  void clean(String container);

  /** Removes the writable layer, records and id range too. Idempotent. */
  void remove(String container);

  /** Everything in the helper's state, running or not. */
  List<Known> list();

  /** Writes a tar of the whole root file system. */
  void export(String container, List<String> layers, OutputStream out);

  /** Writes the writable layer as an OCI layer tar. */
  void diff(String container, List<String> layers, OutputStream out);

  List<Change> changes(String container, List<String> layers);

  /** Makes the writable layer of a container that was never started; of others it is there. Idempotent. */
  default void prepare(String container) {
    prepare(container, 0);
  }

  /**
   * The same with a limit.
   *
   * @param limitBytes what files and folders of the writable layer may take on disk; 0 = as much as there is
   * @throws KernelException INVALID if there is a limit and the file system keeps none; ALREADY_EXISTS if the layer is there and was made without a limit
   */
  void prepare(String container, long limitBytes);

  /**
   * Looks at a path inside a container, running or not. The last part is not followed if it is a link, unless the path ends in a slash or a dot.
   *
   * @throws KernelException NOT_FOUND, also for a path that is not there; INVALID for one that cannot be
   */
  FileRow stat(String container, List<String> layers, String path);

  /** The same, then the entries of the directory, in no order, until the reader wants no more; the first row is that of the path. */
  void list(String container, List<String> layers, String path, Predicate<FileRow> reader);

  /**
   * Writes a tar of a path, or with {@code isContent} the bytes of a regular file.
   *
   * @param found told what is there before the first byte is written
   */
  void get(String container, List<String> layers, String path, boolean isContent, Consumer<FileRow> found, OutputStream out);

  /**
   * Extracts an uncompressed tar into a directory. What was extracted before a failure stays.
   *
   * @param owner {@code user[:group]} that everything is to belong to, looked up in the container; empty = as the tar says
   * @param keepsKind refuses to put a directory in the place of something else, and the other way round
   * @throws KernelException NOT_FOUND, INVALID for a damaged or hostile archive or a path that is no directory, DENIED if it cannot be written
   */
  void put(String container, List<String> layers, String path, String owner, boolean keepsKind, InputStream tar);

  /**
   * Writes the regular files of an uncompressed tar over those of a directory, which must be there and stay what they are; also over one that is
   * mounted into a read-only root file system.
   *
   * @throws KernelException as {@link #put}; INVALID for anything but regular files, DENIED for a file of a read-only file system
   */
  void overwrite(String container, List<String> layers, String path, InputStream tar);

  /** The same containers; {@link #stat}, {@link #list}, {@link #get} and {@link #put} see these mounts in one that does not run. */
  Sandboxes withMounts(List<Mount> mounts);

  /** Bytes of the files that a container has written. */
  long size(String container);

  /** Whether a container has neither written nor removed anything in its root file system. */
  boolean isEmpty(String container);

  /** Connects to the monitor of a running container; it may be gone already (NOT_FOUND). */
  MonitorConnection connect(String container);

  MonitorConnection connectExec(String container, String exec);

  /** The true end of a container, as its monitor recorded it; absent while it runs or if no record was written. */
  Optional<Exit> exit(String container);

  /** Folder with the files {@code log}, {@code log.1} … of a container (format: tallyman_protocol.h). */
  Path logs(String container);

  /**
   * Where the server is to listen, before a start that shows the socket ({@link Mount#ofSocket}) and with {@link #showSockets} after its own restart.
   *
   * @param id of a socket: the container's, or one that nothing else has
   */
  Path socket(String id);

  /**
   * Puts the sockets of now in their places in a running container, which sees those of an earlier server.
   *
   * @throws KernelException NOT_FOUND if there is no such container or socket, CONFLICT if the container does not run
   */
  void showSockets(String container, List<Mount> sockets);

  /** @param resolver of a container that was to have one */
  record Started(int pid, Instant startedAt, @Nullable ResolverSockets resolver) {
    public Started(int pid, Instant startedAt) {
      this(pid, startedAt, null);
    }
  }

  record Known(String container, boolean isRunning, int pid, Instant startedAt) {}

  /** @param signal 0 if it ended by itself; @param code Docker's: 128 + signal for a signalled end */
  record Exit(int code, int signal, boolean isOomKilled, Instant startedAt, Instant finishedAt) {}

  /**
   * A file of a container.
   *
   * @param name of an entry its name; of a path its last part, {@code /} for the root, {@code .} where the path ends so
   * @param mode st_mode of stat(2): kind and permissions
   * @param uid as the container sees it; gid likewise
   * @param link of an entry what the link says; of a path where it leads in the end; empty if it is none
   */
  record FileRow(String name, long size, int mode, Instant modifiedAt, int uid, int gid, String link) {
    private static final int KIND = 0170000;

    public boolean isDirectory() {
      return (mode & KIND) == 0040000;
    }

    public boolean isRegular() {
      return (mode & KIND) == 0100000;
    }

    public boolean isLink() {
      return (mode & KIND) == 0120000;
    }
  }

  /** @param kind A added, C changed, D deleted */
  record Change(char kind, String path) {}
}
