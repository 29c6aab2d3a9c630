package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Locale;

/** A write to our own disk that failed; told apart from a client's stream that ended early. */
final class StorageFailure extends IOException {
  StorageFailure(IOException cause) {
    super(cause);
  }

  /** EXHAUSTED when the disk (or its inodes, or our quota on it) is used up, else INTERNAL without host paths. */
  static TallymanException of(IOException failure) {
    String reason = String.valueOf(failure instanceof FileSystemException f && f.getReason() != null ? f.getReason() : failure.getMessage()).toLowerCase(Locale.ROOT);
    boolean isFull = reason.contains("no space left") || reason.contains("quota exceeded") || reason.contains("file too large");
    return isFull
        ? new TallymanException(ErrorKind.EXHAUSTED, "cannot store the image: no space left on the server's disk; remove images or containers", failure)
        : new TallymanException(ErrorKind.INTERNAL, "cannot store the image: writing to the server's disk failed", failure);
  }
}
