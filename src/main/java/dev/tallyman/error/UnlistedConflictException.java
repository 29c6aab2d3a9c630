package dev.tallyman.error;

/** CONFLICT in an operation for which Docker's description of the API lists none: dockerd answers it with 500, which its clients go by. */
public final class UnlistedConflictException extends TallymanException {
  public UnlistedConflictException(String message) {
    super(ErrorKind.CONFLICT, message);
  }
}
