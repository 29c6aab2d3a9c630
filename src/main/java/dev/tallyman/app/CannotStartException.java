package dev.tallyman.app;

/** The server must not start; the message is for the operator. */
final class CannotStartException extends RuntimeException {
  CannotStartException(String message) {
    super(message);
  }
}
