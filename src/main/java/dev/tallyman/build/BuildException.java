package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.build.dockerfile.Position;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.jspecify.annotations.Nullable;

/** A RUN whose command failed. */
public final class BuildException extends TallymanException {
  private final String command;
  private final int exitCode;
  private final String place;
  private final @Nullable Position position;

  BuildException(String command, int exitCode) {
    this(command, exitCode, "", null);
  }

  private BuildException(String command, int exitCode, String place, @Nullable Position position) {
    super(ErrorKind.INVALID, "The command '" + command + "' returned a non-zero code: " + exitCode);
    this.command = command;
    this.exitCode = exitCode;
    this.place = place;
    this.position = position;
  }

  /** The same with where the command is written. */
  BuildException at(Dockerfile file, Position at) {
    return new BuildException(command, exitCode, String.valueOf(file.fault(at, reason()).getMessage()), at);
  }

  /** In BuildKit's words, without the place. */
  public String reason() {
    return "process \"" + command + "\" did not complete successfully: exit code: " + exitCode;
  }

  /** In BuildKit's words, with file, line and the line itself. */
  public String located() {
    return place.isEmpty() ? reason() : place;
  }

  /** Where the command is written; absent for one of a trigger. */
  public @Nullable Position position() {
    return position;
  }

  public int exitCode() {
    return exitCode;
  }
}
