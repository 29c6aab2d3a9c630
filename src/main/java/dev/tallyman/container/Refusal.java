package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnlistedConflictException;
import java.util.function.Supplier;

/** The errors that this package throws, by kind. Texts are Docker's where Docker has one. */
final class Refusal {
  private Refusal() {}

  static TallymanException invalid(String message) {
    return new TallymanException(ErrorKind.INVALID, message);
  }

  static TallymanException conflict(String message) {
    return new TallymanException(ErrorKind.CONFLICT, message);
  }

  /** To start and unpause, see the exception. */
  static TallymanException unlisted(String message) {
    return new UnlistedConflictException(message);
  }

  static TallymanException denied(String message) {
    return new TallymanException(ErrorKind.DENIED, message);
  }

  static TallymanException unsupported(String message) {
    return new TallymanException(ErrorKind.UNSUPPORTED, message);
  }

  static TallymanException absent(String name) {
    return new TallymanException(ErrorKind.NOT_FOUND, "No such container: " + name);
  }

  /** A client's text within a message: at most 120 characters, none of them a control character. */
  static String shortened(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() > 120 ? plain.substring(0, 120) + "…" : plain;
  }

  /** Quotes a client's text as Docker does. */
  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
  }

  /**
   * What a create names. "Not found" in answer to a create means the image to the docker client, which pulls it and asks again; so anything
   * else that is not there is a wrong value.
   */
  static <T> T named(Supplier<T> lookup, String prefix) {
    try {
      return lookup.get();
    } catch (TallymanException e) {
      throw e.kind() == ErrorKind.NOT_FOUND ? invalid(prefix + e.getMessage()) : e;
    }
  }
}
