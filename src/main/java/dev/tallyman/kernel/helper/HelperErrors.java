package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.libc.Libc;

/** Turns a reply that is not OK into the exception that clients see. */
final class HelperErrors {
  private HelperErrors() {}

  /** @return the reply itself if it is a success */
  static Reply check(Verb verb, Reply reply) {
    if (reply.status() != Status.OK) {
      throw exception(verb, reply);
    }
    return reply;
  }

  static KernelException exception(Verb verb, Reply reply) {
    String text = reply.text(Tag.TEXT);
    if (verb.isAboutFiles() && !text.isEmpty()) {
      switch (reply.status()) {
        case ABSENT -> {
          return new KernelException(ErrorKind.NOT_FOUND, text);
        }
        case INVALID, ARCHIVE -> {
          return new KernelException(ErrorKind.INVALID, text);
        }
        case DENIED -> {
          return new KernelException(ErrorKind.DENIED, text);
        }
        default -> {}
      }
    }
    String object = object(verb);
    return switch (reply.status()) {
      case OK -> throw new IllegalArgumentException("a success is no error");
      case PROTOCOL -> new KernelException(ErrorKind.INTERNAL, "the helper did not accept the request" + tail(text) + "; helper and server are of different versions");
      case PRIVILEGE -> new KernelException(ErrorKind.UNAVAILABLE, "the helper cannot work" + tail(text));
      case POLICY_FILE -> new KernelException(ErrorKind.UNAVAILABLE, "the policy file is not trusted" + tail(text));
      case DENIED -> new KernelException(ErrorKind.DENIED, "the policy of this host forbids it" + tail(text));
      case ABSENT -> new KernelException(ErrorKind.NOT_FOUND, "no such " + object);
      case EXISTS -> new KernelException(ErrorKind.ALREADY_EXISTS, text.isEmpty() ? "the " + object + " is there already" : text);
      case BUSY -> new KernelException(ErrorKind.CONFLICT, text.isEmpty() ? "the " + object + " is in use" : text);
      case INVALID -> new KernelException(ErrorKind.INVALID, verb.saysWhatIsInvalid() && !text.isEmpty() ? text : "invalid value" + tail(text));
      case EXHAUSTED -> new KernelException(ErrorKind.EXHAUSTED, "the host has no room left" + tail(text.isEmpty() ? step(reply) : text));
      case COMMAND -> new CommandNotRunException((int) reply.number(Tag.NUMBER), text);
      case KERNEL -> new KernelException(ErrorKind.INTERNAL, reply.text(Tag.STEP).isEmpty() && !text.isEmpty() ? text : "the kernel refused a step" + tail(step(reply)));
      case ARCHIVE -> new KernelException(ErrorKind.INVALID, "the archive is damaged or not allowed" + tail(text));
    };
  }

  private static String object(Verb verb) {
    String word = Words.of(verb);
    return word.startsWith("layer") ? "layer" : word.startsWith("network") ? "network" : word.startsWith("volume") ? "volume" : "container";
  }

  private static String step(Reply reply) {
    String step = reply.text(Tag.STEP);
    long errno = reply.number(Tag.ERRNO);
    return errno == 0 ? step : step + ": " + Libc.describe((int) errno);
  }

  private static String tail(String text) {
    return text.isEmpty() ? "" : ": " + text;
  }
}
