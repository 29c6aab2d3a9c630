package dev.tallyman.engine;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A test's connection that is taken from HTTP/1.1: it asks, and when the server agrees HTTP/2 goes on, in either role. */
final class UpgradedConnection implements AutoCloseable {
  private static final long WAIT_SECONDS = 60;

  final Channel channel;
  private final NioEventLoopGroup loop = new NioEventLoopGroup(1);
  private final CompletableFuture<Integer> status = new CompletableFuture<>();
  private final Supplier<ChannelHandler[]> http2;

  /** @param path that is asked with POST; @param headers each with its line's end; @param http2 what speaks once the server agreed */
  UpgradedConnection(int port, String path, String headers, Supplier<ChannelHandler[]> http2) throws Exception {
    this.http2 = http2;
    channel =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel made) {
                    made.pipeline().addLast(new Head());
                  }
                })
            .connect("127.0.0.1", port)
            .sync()
            .channel();
    channel.writeAndFlush(Unpooled.copiedBuffer("POST " + path + " HTTP/1.1\r\nHost: localhost:" + port + "\r\nContent-Length: 0\r\n" + headers + "\r\n", StandardCharsets.US_ASCII));
  }

  /** Of the answer; 101 when the server agreed, 0 when it closed the connection instead. */
  int status() throws Exception {
    return status.get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Reads the head of the answer; behind it HTTP/2 begins. */
  private final class Head extends ChannelInboundHandlerAdapter {
    private final ByteBuf seen = Unpooled.buffer();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      seen.writeBytes((ByteBuf) message);
      ReferenceCountUtil.release(message);
      String text = seen.toString(StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return;
      }
      int code = Integer.parseInt(text.substring(9, 12));
      if (code == 101) {
        context.pipeline().addLast(http2.get());
        context.fireChannelRead(seen.skipBytes(end + 4).copy());
        context.pipeline().remove(this);
      }
      status.complete(code);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      status.complete(0);
      context.fireChannelInactive();
    }
  }
}
