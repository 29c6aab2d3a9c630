package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A blob is to be deleted that a manifest has. Clients hear 405, as the specification lets a registry refuse deletions. */
final class BlobInUseException extends TallymanException {
  BlobInUseException(ContentDigest blob, String manifest) {
    super(ErrorKind.CONFLICT, "cannot delete blob " + blob + ": manifest " + manifest + " has it; delete that first");
  }
}
