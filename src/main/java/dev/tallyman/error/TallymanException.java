package dev.tallyman.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Root of every failure that a client is told about. The message says what was attempted, on what, why not and what helps; it is shown
 * to the client as it stands.
 */
public class TallymanException extends RuntimeException {
  private final ErrorKind kind;

  public TallymanException(ErrorKind kind, String message) {
    this(kind, message, null);
  }

  public TallymanException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind);
  }

  public ErrorKind kind() {
    return kind;
  }
}
