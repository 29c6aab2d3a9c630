package dev.tallyman.exec;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerState;
import dev.tallyman.container.Environment;
import dev.tallyman.container.ProcessRules;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.exec.Execs.ExecRequest;
import java.util.List;

/** Which commands may be run where; texts are Docker's. */
final class ExecRules {
  private static final int MAX_COMMAND_CHARS = 100_000;
  /** Of a terminal: the kernel's struct winsize has 16 bits for it. */
  private static final int MAX_LENGTH = 65_535;

  private ExecRules() {}

  static TallymanException conflict(String message) {
    return new TallymanException(ErrorKind.CONFLICT, message);
  }

  static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }

  static void check(ExecRequest request) {
    List<String> command = request.command();
    if (command.isEmpty() || command.get(0).isEmpty()) {
      throw invalid("No exec command specified");
    }
    long chars = 0;
    for (List<String> texts : List.of(command, request.env())) {
      for (String text : texts) {
        chars += text.length() + 1;
        if (text.indexOf('\0') >= 0) {
          throw invalid("a text of the command or the environment holds a NUL character");
        }
      }
    }
    if (chars > MAX_COMMAND_CHARS) {
      throw invalid("the command and the environment are longer than " + MAX_COMMAND_CHARS + " characters");
    }
    checkSize(request.rows(), request.columns());
    Environment.check(request.env());
    ProcessRules.check(request.workingDir(), request.user());
  }

  static void checkSize(int rows, int columns) {
    if (rows < 0 || rows > MAX_LENGTH || columns < 0 || columns > MAX_LENGTH) {
      throw invalid("invalid size of a terminal: " + rows + " rows, " + columns + " columns");
    }
  }

  static void requireRunning(Container container) {
    if (container.state() == ContainerState.PAUSED) {
      throw conflict("Container " + container.id() + " is paused, unpause the container before exec");
    }
    if (container.state() == ContainerState.RESTARTING) {
      throw conflict("container " + container.id() + " is restarting, wait until the container is running");
    }
    if (container.state() != ContainerState.RUNNING) {
      throw conflict("container " + container.id() + " is not running");
    }
  }
}
