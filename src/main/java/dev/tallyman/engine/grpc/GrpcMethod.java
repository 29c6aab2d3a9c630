package dev.tallyman.engine.grpc;

import java.io.IOException;

/** One method that clients may call with one message; it sends one message, or several. On a thread that may block. */
@FunctionalInterface
public interface GrpcMethod {
  /** @throws IOException all failures are told as statuses, a damaged message as the client's fault */
  void call(Invocation call, ProtoReader request) throws IOException;
}
