package dev.tallyman.engine.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2PingFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2PingFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The window of HTTP/2 itself, between both ends of a session. */
@Timeout(60)
class SessionWindowTest {
  private static final String METHOD = "/test/Call";
  private static final int MESSAGE = 256 << 10;
  private static final int MESSAGES = 64;
  /** What waits to be taken, what the window allows on top of it, and a message that was begun. */
  private static final long MOST = (1 << 20) + (1 << 20) + 2 * MESSAGE;

  private final DefaultEventLoopGroup loop = new DefaultEventLoopGroup(2);
  private final CompletableFuture<SessionConnection> server = new CompletableFuture<>();
  private final CompletableFuture<Channel> stream = new CompletableFuture<>();
  private final CompletableFuture<Boolean> pong = new CompletableFuture<>();

  @AfterEach
  void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  private final class Client extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      channel.pipeline().addLast(Http2FrameCodecBuilder.forServer().build(), new Http2MultiplexHandler(new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel opened) {
          opened.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
              if (message instanceof Http2HeadersFrame) {
                stream.complete(context.channel());
              }
              ReferenceCountUtil.release(message);
            }
          });
        }
      }), new ChannelInboundHandlerAdapter() {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
          if (message instanceof Http2PingFrame ping && ping.ack()) {
            pong.complete(true);
          }
          ReferenceCountUtil.release(message);
        }
      });
    }
  }

  private final class Server extends ChannelInitializer<Channel> {
    @Override
    protected void initChannel(Channel channel) {
      server.complete(SessionConnection.within(channel, Set.of(METHOD.toLowerCase(Locale.ROOT)), ""));
    }
  }

  @Test
  void aClientSendsNoMoreThanIsTaken() throws Exception {
    LocalAddress address = new LocalAddress("session-window-" + System.nanoTime());
    new ServerBootstrap().group(loop).channel(LocalServerChannel.class).childHandler(new Server()).bind(address).sync();
    Channel client = new Bootstrap().group(loop).channel(LocalChannel.class).handler(new Client()).connect(address).sync().channel();
    AtomicLong sent = new AtomicLong();
    try (GrpcCall call = server.get(30, TimeUnit.SECONDS).call(METHOD, Map.of())) {
      Channel answers = stream.get(30, TimeUnit.SECONDS);
      answers.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200")));
      for (int i = 0; i < MESSAGES; i++) {
        byte[] frame = new byte[5 + MESSAGE];
        frame[2] = MESSAGE >> 16;
        answers.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(frame), false)).addListener(done -> sent.addAndGet(frame.length));
      }
      // The server has seen all that came before it, and its windows are known.
      answers.eventLoop().submit(() -> client.writeAndFlush(new DefaultHttp2PingFrame(1))).get(30, TimeUnit.SECONDS);
      assertTrue(pong.get(30, TimeUnit.SECONDS));
      assertTrue(sent.get() <= MOST, "it sent " + sent.get() + " bytes of which none was taken");

      for (int i = 0; i < MESSAGES; i++) {
        byte[] message = call.receive(30);
        assertEquals(MESSAGE, message == null ? -1 : message.length);
      }
    }
  }
}
