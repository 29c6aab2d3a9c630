package dev.tallyman.engine.grpc;

import dev.tallyman.engine.stream.Takeover;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A connection on which HTTP/2 without TLS of its own follows the request that asked for it, whoever calls whom then. */
public final class TakenConnection {
  /** Whoever closes such a connection, e.g. because its credentials were taken away, waits for no call on it. In milliseconds. */
  public static final long AT_ONCE = 0;

  private static final String HEAD = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
  private static final int WINDOW_BYTES = 1 << 20;
  private static final int HEADER_BYTES = 16 << 10;

  private TakenConnection() {}

  /**
   * @param upgrade what the connection is to become, absent or empty if nothing was said
   * @throws TallymanException INVALID in dockerd's words unless it is HTTP/2 without TLS
   */
  public static void requireHttp2(@Nullable String upgrade) {
    if (upgrade == null || upgrade.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "no upgrade proto in request: it needs the header Upgrade: h2c");
    }
    if (!upgrade.equalsIgnoreCase("h2c")) {
      throw new TallymanException(ErrorKind.INVALID, "protocol " + upgrade + " not supported: it needs the header Upgrade: h2c");
    }
  }

  /** What both roles tell the other side of themselves. */
  public static Http2Settings settings() {
    return Http2Settings.defaultSettings().initialWindowSize(WINDOW_BYTES).maxHeaderListSize(HEADER_BYTES);
  }

  /**
   * On the event loop, outside of a read.
   *
   * @param calls takes the streams that the other side opens
   * @param greeted runs when the other side has shown that it speaks HTTP/2
   */
  public static void install(Channel channel, Http2FrameCodec codec, ChannelHandler calls, Runnable greeted) {
    ChannelPipeline pipeline = channel.pipeline();
    Takeover.dropHttp(pipeline);
    channel.writeAndFlush(Unpooled.copiedBuffer(HEAD, StandardCharsets.US_ASCII));
    pipeline.addBefore("handler", "tallyman-h2-codec", codec);
    pipeline.addBefore("handler", "tallyman-h2-calls", new Http2MultiplexHandler(calls));
    pipeline.addBefore("handler", "tallyman-h2-end", new Deaf(greeted));
    begin(channel, codec);
    channel.config().setAutoRead(true);
    channel.flush();
  }

  /** The same within a call of another connection, whose channel gives the bytes when it is read from. */
  public static void installInside(Channel channel, Http2FrameCodec codec, Runnable greeted) {
    channel.pipeline().addLast(codec, new Http2MultiplexHandler(deaf()), new Deaf(greeted));
    begin(channel, codec);
  }

  private static void begin(Channel channel, Http2FrameCodec codec) {
    try {
      codec.connection().local().flowController().incrementWindowSize(codec.connection().connectionStream(), 2 * WINDOW_BYTES);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Swallows what nobody takes. */
  public static ChannelHandler deaf() {
    return new Deaf(() -> {});
  }

  /** The handler behind it knows HTTP/1.1 only and just learns of the end of the connection. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    private final Runnable greeted;

    Deaf(Runnable greeted) {
      this.greeted = greeted;
    }

    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2SettingsFrame) {
        greeted.run();
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      // Of HTTP/2; nobody behind this knows them.
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
