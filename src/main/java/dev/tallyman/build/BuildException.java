package dev.tallyman.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A RUN whose command failed. */
public final class BuildException extends TallymanException {
  private final int exitCode;

  BuildException(String command, int exitCode) {
    super(ErrorKind.INVALID, "The command '" + command + "' returned a non-zero code: " + exitCode);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
