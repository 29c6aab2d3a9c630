package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A body comes so slowly that it is meant to keep a thread here. The rest of it is not waited for. */
final class SlowBodyException extends TallymanException {
  SlowBodyException(long bytes) {
    super(ErrorKind.INVALID, "the body comes too slowly: " + bytes + " bytes in a minute (tallyman.index.least-per-minute); what arrived of an upload stays, ask for it and go on from there");
  }
}
