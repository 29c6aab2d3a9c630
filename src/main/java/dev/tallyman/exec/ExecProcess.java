package dev.tallyman.exec;

import dev.tallyman.container.Container;
import dev.tallyman.container.ExtraProcess;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.kernel.ExecSpec;
import java.util.List;

/** Writes down for the helper what an exec is. */
final class ExecProcess {
  private ExecProcess() {}

  static ExecSpec of(ExecCell cell, Container container, List<String> linked, boolean isOutputWanted, int rows, int columns) {
    ExecRequest request = cell.request;
    return ExtraProcess.of(
        container, linked, cell.id,
        new ExtraProcess.Command(request.command(), request.env(), request.workingDir(), request.user(), request.isTty(), request.attachesInput(), request.isPrivileged(), isOutputWanted),
        rows, columns);
  }
}
