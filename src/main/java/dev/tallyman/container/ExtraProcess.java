package dev.tallyman.container;

import dev.tallyman.kernel.ExecSpec;
import java.util.List;

/** Writes down for the helper what a further process of a container is: with the container's environment, groups, limits and rights. */
public final class ExtraProcess {
  private ExtraProcess() {}

  /**
   * @param env of its own, added to the container's
   * @param user empty = the container's; workingDir likewise
   * @param isOutputWanted its output waits, and so does its end, until somebody connects and asks for it
   */
  public record Command(List<String> args, List<String> env, String workingDir, String user, boolean isTty, boolean isStdinOpen, boolean isPrivileged, boolean isOutputWanted) {
    /** One that runs as the container's own process does. */
    public static Command plain(List<String> args) {
      return new Command(args, List.of(), "", "", false, false, false, true);
    }
  }

  /** @param linked variables of its links ({@link LegacyLinks}) */
  public static ExecSpec of(Container container, List<String> linked, String id, Command command, int rows, int columns) {
    ContainerSpec spec = container.spec();
    String hostname = spec.hostname().isEmpty() ? container.shortId() : spec.hostname();
    SecurityOptions security = SecurityOptions.parse(spec.securityOptions());
    return new ExecSpec(
        container.id(), id, command.args(), Environment.merged(Environment.ofProcess(Environment.listed(linked, container.env()), hostname, command.isTty()), command.env()),
        command.workingDir().isEmpty() ? container.workingDir() : command.workingDir(), command.user().isEmpty() ? container.user() : command.user(), Capabilities.of(spec),
        command.isTty(), command.isStdinOpen(), command.isOutputWanted(), command.isPrivileged() || spec.isPrivileged(), security.noNewPrivileges(), security.isSeccompUnconfined(), rows, columns, SecurityOptions.filter(spec),
        spec.groupAdd(), Ulimits.of(spec.ulimits()), spec.oomScoreAdjust());
  }
}
