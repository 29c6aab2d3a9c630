package dev.tallyman.engine.grpc;

import io.netty.channel.Channel;
import java.util.function.Consumer;

/** A call that becomes a connection: each message in both directions is a piece of its bytes. */
@FunctionalInterface
public interface GrpcTunnel {
  /**
   * On a thread that may block; what it throws is told as a status. The call's window closes with the tunnel, or with its client before there is one.
   *
   * @return takes the channel, from which and to which the bytes go, on its event loop, unless the client has gone by then
   */
  Consumer<Channel> open(Invocation call);
}
