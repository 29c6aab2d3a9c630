package dev.tallyman.engine;

import dev.tallyman.engine.grpc.ProtoWriter;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A client of BuildKit's API: calls of gRPC over a connection taken from HTTP, as well or as badly as a test wants them. */
final class GrpcClient implements AutoCloseable {
  private static final int PREFIX_BYTES = 5;
  private static final long WAIT_SECONDS = 60;
  private static final long CLOSE_SECONDS = 25;

  private final UpgradedConnection connection;
  private final Channel channel;
  private final CountDownLatch heard = new CountDownLatch(1);

  /** @param code of gRPC; -1 without one; @param http status of the answer; @param messages that came before the end */
  record Reply(int code, String message, String http, String details, List<byte[]> messages) {}

  /** @param token of the account */
  GrpcClient(int port, String token) throws Exception {
    connection =
        new UpgradedConnection(
            port, "/grpc", "X-Tallyman-Token: " + token + "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n",
            () -> new ChannelHandler[] {Http2FrameCodecBuilder.forClient().build(), new Http2MultiplexHandler(new ChannelInboundHandlerAdapter())});
    channel = connection.channel;
  }

  /** Of the answer; 101 when the connection speaks gRPC. */
  int status() throws Exception {
    return connection.status();
  }

  /** Waits until the server has closed the connection: less than it would wait for calls if it were polite. */
  void untilClosed() throws Exception {
    if (!channel.closeFuture().await(CLOSE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the connection is still open");
    }
  }

  static ByteBuf framed(ProtoWriter message) {
    byte[] bytes = message.toBytes();
    return Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes);
  }

  /** @param path e.g. {@code /moby.buildkit.v1.Control/Info} */
  Reply call(String path, ProtoWriter message) throws Exception {
    return start(path, Map.of(), message).get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  Reply call(String path, Map<String, String> metadata, ProtoWriter message) throws Exception {
    return start(path, metadata, message).get(WAIT_SECONDS, TimeUnit.SECONDS);
  }

  CompletableFuture<Reply> start(String path, Map<String, String> metadata, ProtoWriter message) throws Exception {
    Http2Headers headers = new DefaultHttp2Headers().method("POST").scheme("http").path(path).authority("localhost");
    headers.set("te", "trailers").set("content-type", "application/grpc");
    metadata.forEach(headers::set);
    return send(headers, framed(message));
  }

  /** Bytes that need not be a message. */
  CompletableFuture<Reply> send(Http2Headers headers, ByteBuf bytes) throws Exception {
    status();
    Answer answer = new Answer();
    Channel stream = new Http2StreamChannelBootstrap(channel).handler(answer).open().get(WAIT_SECONDS, TimeUnit.SECONDS);
    stream.write(new DefaultHttp2HeadersFrame(headers));
    stream.writeAndFlush(new DefaultHttp2DataFrame(bytes, true));
    return answer.end;
  }

  /** Bytes on the connection itself. */
  void raw(String text) throws Exception {
    status();
    channel.pipeline().firstContext().writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
  }

  @Override
  public void close() {
    connection.close();
  }

  private static String text(CharSequence value) {
    return value == null ? "" : value.toString();
  }

  /** Waits until some call has a message. */
  void untilHeard() throws Exception {
    if (!heard.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("the server has said nothing");
    }
  }

  /** Collects what comes until the end of the call. */
  private final class Answer extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<Reply> end = new CompletableFuture<>();
    private final List<byte[]> messages = new ArrayList<>();
    private final ByteBuf part = Unpooled.buffer();
    private String http = "";

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      if (message instanceof Http2HeadersFrame head) {
        head(head);
      } else if (message instanceof Http2DataFrame data) {
        part.writeBytes(data.content());
        while (part.readableBytes() >= PREFIX_BYTES && part.readableBytes() >= PREFIX_BYTES + part.getInt(part.readerIndex() + 1)) {
          part.skipBytes(1);
          byte[] bytes = new byte[part.readInt()];
          part.readBytes(bytes);
          messages.add(bytes);
          heard.countDown();
        }
      } else if (message instanceof Http2ResetFrame) {
        end.complete(new Reply(-1, "reset", http, "", messages));
      }
      ReferenceCountUtil.release(message);
    }

    private void head(Http2HeadersFrame head) {
      if (head.headers().status() != null) {
        http = head.headers().status().toString();
      }
      if (head.isEndStream()) {
        CharSequence code = head.headers().get("grpc-status");
        String message = QueryStringDecoder.decodeComponent(text(head.headers().get("grpc-message")).replace("+", "%2B"));
        end.complete(new Reply(code == null ? -1 : Integer.parseInt(code.toString()), message, http, text(head.headers().get("grpc-status-details-bin")), messages));
      }
    }


    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end.complete(new Reply(-1, "closed", http, "", messages));
    }
  }
}
