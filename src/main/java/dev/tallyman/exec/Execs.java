package dev.tallyman.exec;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Further commands in running containers. NOT_FOUND: {@code No such exec instance: id}. Each exec is an audit row with its command. */
public interface Execs {
  /** @return 64 hex id; CONFLICT if the container does not run or is paused */
  String create(Caller caller, String container, ExecRequest request);

  /**
   * Runs it.
   *
   * @param rows first size of its terminal; zeros = as it was created with
   * @param beforeRun called when all is checked, and before anything runs; if it throws, nothing does
   * @return its streams, already subscribed; absent when detached. INVALID with Docker's text (and exit code 126/127 kept for inspect) if the command cannot be run
   */
  @Nullable MonitorConnection start(Caller caller, String exec, boolean isDetached, int rows, int columns, Runnable beforeRun);

  /** As {@link #start(Caller, String, boolean, int, int, Runnable)}, for whom nobody waits before the command runs. */
  default @Nullable MonitorConnection start(Caller caller, String exec, boolean isDetached, int rows, int columns) {
    return start(caller, exec, isDetached, rows, columns, () -> {});
  }

  Exec inspect(Caller caller, String exec);

  void resize(Caller caller, String exec, int rows, int columns);

  /** Tells it that its terminal is gone (SIGHUP), as a closed window does. Nothing happens when it has ended. */
  void hangUp(Caller caller, String exec);

  /** Says that a client has left the streams of an exec by its detach keys. */
  void detached(Caller caller, String exec);

  List<String> idsOf(String containerId);

  /** @param rows first size of its terminal, if {@link #start} does not say another one; zeros = none */
  record ExecRequest(
      List<String> command, List<String> env, String workingDir, String user, boolean isTty, boolean isPrivileged, boolean attachesInput, boolean attachesOutput,
      boolean attachesErrors, String detachKeys, int rows, int columns) {
    /** One whose terminal has no size yet. */
    public ExecRequest(
        List<String> command, List<String> env, String workingDir, String user, boolean isTty, boolean isPrivileged, boolean attachesInput, boolean attachesOutput,
        boolean attachesErrors, String detachKeys) {
      this(command, env, workingDir, user, isTty, isPrivileged, attachesInput, attachesOutput, attachesErrors, detachKeys, 0, 0);
    }
  }

  /** @param exitCode absent while it runs or before it started */
  record Exec(String id, String containerId, ExecRequest request, boolean isRunning, @Nullable Integer exitCode, int pid) {}
}
