package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** The errors that this package throws, by kind. Texts are Docker's where Docker has one. */
final class Refusal {
  private Refusal() {}

  static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }

  static TallymanException conflict(String message) {
    return new TallymanException(ErrorKind.CONFLICT, message);
  }

  static TallymanException unsupported(String message) {
    return new TallymanException(ErrorKind.UNSUPPORTED, message);
  }

  static TallymanException absent(String name) {
    return new TallymanException(ErrorKind.NOT_FOUND, "No such container: " + name);
  }

  /** Quotes a client's text as Docker does. */
  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }
}
