package dev.tallyman.kernel;

import java.util.List;

/** A further process in a running container. Defaults (user, workdir, env) are already merged by the caller. */
public record ExecSpec(
    String container, String exec, List<String> args, List<String> env, String workdir, String user, long capabilities, boolean isTty, boolean isStdinOpen,
    boolean isHeldForSubscriber, boolean isPrivileged, boolean noNewPrivileges, boolean isSeccompUnconfined, int rows, int columns) {
  public ExecSpec {
    args = List.copyOf(args);
    env = List.copyOf(env);
  }
}
