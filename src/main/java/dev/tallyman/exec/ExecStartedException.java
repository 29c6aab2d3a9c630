package dev.tallyman.exec;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A command has one start, and it was taken. */
public final class ExecStartedException extends TallymanException {
  ExecStartedException(String message) {
    super(ErrorKind.CONFLICT, message);
  }
}
