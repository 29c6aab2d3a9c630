package dev.tallyman.kernel;

import dev.tallyman.error.ErrorKind;

/** The command of a container or exec could not be run: Docker's exit codes 126 (not executable) and 127 (not found). */
public final class CommandNotRunException extends KernelException {
  private final int exitCode;

  public CommandNotRunException(int exitCode, String message) {
    super(ErrorKind.INVALID, message);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
