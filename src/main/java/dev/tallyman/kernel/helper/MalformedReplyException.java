package dev.tallyman.kernel.helper;

/** The helper's reply breaks the protocol. */
final class MalformedReplyException extends RuntimeException {
  MalformedReplyException(String reason) {
    super(reason);
  }
}
