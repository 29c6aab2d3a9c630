package dev.tallyman.error;

/** UNAVAILABLE because of another server, a registry, that is asked on somebody's behalf: it cannot be reached, or fails itself. */
public final class UnreachableException extends TallymanException {
  public UnreachableException(String message) {
    super(ErrorKind.UNAVAILABLE, message);
  }

  public UnreachableException(String message, Throwable cause) {
    super(ErrorKind.UNAVAILABLE, message, cause);
  }
}
