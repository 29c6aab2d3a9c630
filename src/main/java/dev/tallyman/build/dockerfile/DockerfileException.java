package dev.tallyman.build.dockerfile;

import dev.tallyman.error.Credentials;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile that is wrong. The message opens as Docker's does ({@code dockerfile parse error on line 2: unknown instruction: FOO}) and
 * goes on with file, line, column and the line itself, on lines of their own, without the credentials of addresses.
 */
public final class DockerfileException extends TallymanException {
  private final String reason;
  private final @Nullable Position at;
  private final @Nullable String culprit;
  private final @Nullable String expected;

  /** Without a position, for texts that have none yet. */
  DockerfileException(String reason) {
    this(reason, null, null);
  }

  /**
   * @param culprit the piece of the text that is wrong; its place becomes the error's
   * @param expected what should have been there
   */
  DockerfileException(String reason, @Nullable String culprit, @Nullable String expected) {
    super(ErrorKind.INVALID, Credentials.removed(reason));
    this.reason = Credentials.removed(reason);
    this.at = null;
    this.culprit = culprit;
    this.expected = expected;
  }

  DockerfileException(Position at, String reason, String message) {
    super(ErrorKind.INVALID, Credentials.removed(message));
    this.reason = Credentials.removed(reason);
    this.at = at;
    this.culprit = null;
    this.expected = null;
  }

  /** What is wrong, without the place. */
  public String reason() {
    return reason;
  }

  /** Null when the text was no part of a file, or of an empty one. */
  public @Nullable Position at() {
    return at;
  }

  @Nullable String culprit() {
    return culprit;
  }

  @Nullable String expected() {
    return expected;
  }
}
