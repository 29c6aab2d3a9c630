package dev.tallyman.kernel;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.jspecify.annotations.Nullable;

/** The helper refused or failed. The message is the fixed text of its reply; it never holds host paths. */
public class KernelException extends TallymanException {
  public KernelException(ErrorKind kind, String message) {
    super(kind, message);
  }

  public KernelException(ErrorKind kind, String message, @Nullable Throwable cause) {
    super(kind, message, cause);
  }
}
