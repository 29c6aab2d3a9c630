package dev.tallyman.kernel;

import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Containers as the kernel sees them. Every method blocks (call it on a worker or platform thread) and throws {@link KernelException};
 * absent objects are NOT_FOUND except where success is promised.
 */
public interface Sandboxes {
  /** @throws KernelException ALREADY_EXISTS if it runs; CONFLICT with the port's text if a port is taken; {@link CommandNotRunException} if its command cannot be run */
  Started start(SandboxSpec spec);

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

  /** Connects to the monitor of a running container; it may be gone already (NOT_FOUND). */
  MonitorConnection connect(String container);

  MonitorConnection connectExec(String container, String exec);

  /** The true end of a container, as its monitor recorded it; absent while it runs or if no record was written. */
  Optional<Exit> exit(String container);

  /** Folder with the files {@code log}, {@code log.1} … of a container (format: tallyman_protocol.h). */
  Path logs(String container);

  record Started(int pid, Instant startedAt) {}

  record Known(String container, boolean isRunning, int pid, Instant startedAt) {}

  /** @param signal 0 if it ended by itself; @param code Docker's: 128 + signal for a signalled end */
  record Exit(int code, int signal, boolean isOomKilled, Instant startedAt, Instant finishedAt) {}

  /** @param kind A added, C changed, D deleted */
  record Change(char kind, String path) {}
}
