package dev.tallyman.audit;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** The trail cannot be read or written; what should have been recorded does not happen. */
final class AuditStoreException extends TallymanException {
  AuditStoreException(String attempted, Throwable cause) {
    super(ErrorKind.UNAVAILABLE, "cannot " + attempted + ": the inventory is not available (disk full or damaged?); see the server's log", cause);
  }
}
