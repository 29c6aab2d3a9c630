package dev.tallyman.exec;

import dev.tallyman.container.Capabilities;
import dev.tallyman.container.Container;
import dev.tallyman.container.Environment;
import dev.tallyman.container.SecurityOptions;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.kernel.ExecSpec;

/** Writes down for the helper what an exec is: the container's user, folder and environment unless the request has its own. */
final class ExecProcess {
  private ExecProcess() {}

  static ExecSpec of(ExecCell cell, Container container, int rows, int columns) {
    ExecRequest request = cell.request;
    String hostname = container.spec().hostname().isEmpty() ? container.shortId() : container.spec().hostname();
    SecurityOptions security = SecurityOptions.parse(container.spec().securityOptions());
    return new ExecSpec(
        container.id(), cell.id, request.command(), Environment.merged(Environment.ofProcess(container.env(), hostname, request.isTty()), request.env()),
        request.workingDir().isEmpty() ? container.workingDir() : request.workingDir(), request.user().isEmpty() ? container.user() : request.user(),
        Capabilities.of(container.spec()), request.isTty(), request.attachesInput(),
        // Always: its end is told on the same connection, which must be there before a short command is over.
        true, request.isPrivileged() || container.spec().isPrivileged(), security.noNewPrivileges(), security.isSeccompUnconfined(), rows, columns,
        SecurityOptions.filter(container.spec()));
  }
}
