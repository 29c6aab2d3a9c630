package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.SandboxSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Life of containers. A name is looked up in the caller's team: full id, then name, then unique id prefix, as Docker does. Methods block;
 * call them on a worker thread. NOT_FOUND: {@code No such container: x}.
 */
public interface Containers {
  Created create(Caller caller, ContainerSpec spec);

  /** @return false if it ran already (Docker's 304) */
  default boolean start(Caller caller, String name) {
    return start(caller, name, Loan.nothing());
  }

  /** The same, with what it has for this start only. */
  boolean start(Caller caller, String name, Loan loan);

  /** Signal, wait, kill. @param timeoutSeconds null = the container's own, -1 = wait for ever. @return false if it was stopped already */
  boolean stop(Caller caller, String name, @Nullable String signal, @Nullable Integer timeoutSeconds);

  void restart(Caller caller, String name, @Nullable String signal, @Nullable Integer timeoutSeconds);

  void kill(Caller caller, String name, String signal);

  void pause(Caller caller, String name);

  void unpause(Caller caller, String name);

  void rename(Caller caller, String name, String newName);

  void remove(Caller caller, String name, boolean isForced, boolean removesVolumes);

  /** Changes limits (non-zero fields) and, if given, the restart policy. @return warnings */
  List<String> update(Caller caller, String name, SandboxSpec.Limits limits, ContainerSpec.@Nullable RestartPolicy restart);

  /** Puts it on a further network, whether it runs or not. */
  void connect(Caller caller, String name, PlaceSpec place);

  void disconnect(Caller caller, String name, String network);

  /** Takes a link on the default network away, whether the container runs or not. NOT_FOUND if it has none of that alias. */
  void unlink(Caller caller, String name, String alias);

  Container inspect(Caller caller, String name);

  List<Container> list(Caller caller, ContainerFilter filter);

  /** Completes with the end; {@link WaitResult#error()} is set if the container could not be waited for. NOT_FOUND is thrown at once. */
  CompletableFuture<WaitResult> wait(Caller caller, String name, WaitCondition condition);

  /**
   * Joins the streams of a container. Before its first start the connection is made when it starts: {@link Attachment#connection} then
   * completes at start, before the first byte of output.
   */
  Attachment attach(Caller caller, String name, boolean wantsInput, boolean wantsOutput);

  void resize(Caller caller, String name, int rows, int columns);

  /** Says that a client has left the streams of a container by its detach keys. */
  void detached(Caller caller, String name);

  /** @param psArgs as of ps(1): default {@code -ef} */
  ProcessTable top(Caller caller, String name, String psArgs);

  Pruned prune(Caller caller, ContainerFilter filter);

  /** What happened to a container, oldest first: also of removed ones. */
  List<Moment> timeline(Caller caller, String id);

  record Created(String id, List<String> warnings) {}

  enum WaitCondition {
    NOT_RUNNING,
    NEXT_EXIT,
    REMOVED
  }

  record WaitResult(int exitCode, @Nullable String error) {}

  /** @param connection completes exceptionally if the container was removed or could not be started */
  record Attachment(Container container, CompletableFuture<MonitorConnection> connection) {}

  record ProcessTable(List<String> titles, List<List<String>> processes) {}

  record Pruned(List<String> ids, long reclaimedBytes) {}

  record Moment(Instant at, String what, String who, String detail) {}

  /**
   * Empty lists match everything. Keys are Docker's filter names: id, name, label, status, ancestor, exited, before, since, network, publish,
   * expose, health, is-task, volume.
   *
   * @param limit newest N, 0 = all; @param includesStopped docker ps -a; @param includesRemoved records of removed containers too
   */
  record ContainerFilter(boolean includesStopped, boolean includesRemoved, int limit, Map<String, List<String>> matches) {
    public static ContainerFilter all() {
      return new ContainerFilter(true, false, 0, Map.of());
    }

    public static ContainerFilter running() {
      return new ContainerFilter(false, false, 0, Map.of());
    }
  }
}
