package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import org.jspecify.annotations.Nullable;

/** A range that does not fit: answered with 416. */
final class RangeException extends TallymanException {
  private final @Nullable String location;
  private final String range;

  /** @param location of the upload; absent for a blob @param range what would fit, as the answer's header has it */
  RangeException(String message, @Nullable String location, String range) {
    super(ErrorKind.INVALID, message);
    this.location = location;
    this.range = range;
  }

  @Nullable String location() {
    return location;
  }

  String range() {
    return range;
  }
}
