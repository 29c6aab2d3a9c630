package dev.tallyman.engine.grpc;

/** Ends a call with a status that says more than a message. */
public final class GrpcFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient GrpcStatus status;

  public GrpcFailure(GrpcStatus status, Throwable cause) {
    super(status.message(), cause);
    this.status = status;
  }

  GrpcStatus status() {
    return status;
  }
}
