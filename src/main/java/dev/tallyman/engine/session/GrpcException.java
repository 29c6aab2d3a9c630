package dev.tallyman.engine.session;

import java.io.IOException;

/** A call that the client ended with an error. */
final class GrpcException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  GrpcException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** As gRPC numbers them; -1 when the call had no proper end. */
  int status() {
    return status;
  }
}
