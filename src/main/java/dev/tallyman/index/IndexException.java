package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** A failure with its code of the distribution specification ("Error Codes"). */
final class IndexException extends TallymanException {
  private final String code;

  IndexException(ErrorKind kind, String code, String message) {
    super(kind, message);
    this.code = code;
  }

  static IndexException invalid(String code, String message) {
    return new IndexException(ErrorKind.INVALID, code, message);
  }

  static IndexException absent(String code, String message) {
    return new IndexException(ErrorKind.NOT_FOUND, code, message);
  }

  String code() {
    return code;
  }
}
