package dev.tallyman.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A further process in a running container. Defaults (user, workdir, env) are already merged by the caller. */
public record ExecSpec(
    String container, String exec, List<String> args, List<String> env, String workdir, String user, long capabilities, boolean isTty, boolean isStdinOpen,
    boolean isHeldForSubscriber, boolean isPrivileged, boolean noNewPrivileges, boolean isSeccompUnconfined, int rows, int columns,
    @Nullable SyscallFilter filter, List<String> groupAdd, List<SandboxSpec.Ulimit> ulimits, @Nullable Integer oomScoreAdjust) {
  public ExecSpec {
    args = List.copyOf(args);
    env = List.copyOf(env);
    groupAdd = List.copyOf(groupAdd);
    ulimits = List.copyOf(ulimits);
  }

  /** One of a container with no filter, groups or limits of its own. */
  public ExecSpec(
      String container, String exec, List<String> args, List<String> env, String workdir, String user, long capabilities, boolean isTty, boolean isStdinOpen,
      boolean isHeldForSubscriber, boolean isPrivileged, boolean noNewPrivileges, boolean isSeccompUnconfined, int rows, int columns) {
    this(
        container, exec, args, env, workdir, user, capabilities, isTty, isStdinOpen, isHeldForSubscriber, isPrivileged, noNewPrivileges, isSeccompUnconfined, rows, columns, null,
        List.of(), List.of(), null);
  }
}
