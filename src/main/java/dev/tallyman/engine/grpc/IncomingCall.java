package dev.tallyman.engine.grpc;

import dev.tallyman.engine.grpc.Accounts.Share;
import dev.tallyman.identity.Caller;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes the one message of a call, and runs its method when it has it. Nothing that comes is believed. */
final class IncomingCall extends ChannelInboundHandlerAdapter {
  private static final int PREFIX_BYTES = 5;
  /** Build arguments and labels are the longest that a client sends here, some kilobytes. */
  private static final int MOST_BYTES = 512 << 10;
  private static final int ARRIVAL_SECONDS = 30;
  /** Clients say next to nothing before a tunnel is open: settings of HTTP/2. */
  private static final int MOST_EARLY_BYTES = 128 << 10;

  private final Dispatcher dispatcher;
  private final Caller caller;
  private final Share share;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private @Nullable Invocation call;
  private @Nullable GrpcMethod method;
  private @Nullable Future<?> limit;
  private String path = "";
  /** What comes while a tunnel is opened; absent: none is. Put together, as many small frames take more than their bytes. */
  private @Nullable ByteBuf early;
  private boolean isEarlyEnd;

  IncomingCall(Dispatcher dispatcher, Caller caller, Share share) {
    this.dispatcher = dispatcher;
    this.caller = caller;
    this.share = share;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof Http2HeadersFrame head) {
        begin(context, head);
      } else if (message instanceof Http2DataFrame data) {
        if (early == null) {
          take(data.content(), data.isEndStream());
        } else {
          wait(early, data);
        }
      } else if (message instanceof Http2ResetFrame) {
        gone();
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, Http2HeadersFrame head) {
    if (call != null) {
      // Trailers, of which gRPC has none from clients.
      isEarlyEnd = head.isEndStream();
      if (head.isEndStream()) {
        run();
      }
      return;
    }
    Http2Headers headers = head.headers();
    Invocation begun = new Invocation(caller, share, headers, context.channel());
    call = begun;
    if (!"POST".contentEquals(text(headers.method()))) {
      begun.refuse("405");
      return;
    }
    if (!text(headers.get("content-type")).startsWith("application/grpc")) {
      begun.refuse("415");
      return;
    }
    path = text(headers.path());
    GrpcTunnel tunnel = dispatcher.findTunnel(path);
    if (tunnel != null) {
      early = Unpooled.buffer();
      dispatcher.open(tunnel, path, begun, taker -> context.executor().execute(() -> handOver(context, begun, taker)));
      return;
    }
    method = dispatcher.find(path);
    if (method == null) {
      end(new GrpcStatus(GrpcStatus.UNIMPLEMENTED, "this server has no method " + shortened(path)));
    } else if (head.isEndStream()) {
      run();
    } else {
      limit = context.executor().schedule(() -> end(GrpcStatus.late("the request did not come within " + ARRIVAL_SECONDS + " seconds")), ARRIVAL_SECONDS, TimeUnit.SECONDS);
    }
  }

  private void wait(ByteBuf beginning, Http2DataFrame data) {
    int count = data.content().readableBytes();
    if (beginning.readableBytes() + count > MOST_EARLY_BYTES || !share.take(count)) {
      dropEarly();
      end(GrpcStatus.exhausted("too much came before the tunnel was open"));
      return;
    }
    beginning.writeBytes(data.content());
    isEarlyEnd = data.isEndStream();
  }

  private @Nullable ByteBuf dropEarly() {
    ByteBuf dropped = early;
    early = null;
    if (dropped != null) {
      share.give(dropped.readableBytes());
    }
    return dropped;
  }

  /** From here on the call is a connection. */
  private void handOver(ChannelHandlerContext context, Invocation begun, Consumer<Channel> taker) {
    ByteBuf beginning = dropEarly();
    if (beginning == null || !context.channel().isActive()) {
      // Whoever opened the tunnel has learned of the end.
      return;
    }
    context.channel().closeFuture().addListener(closed -> begun.window().close());
    context.pipeline().addLast(new TunnelHandler());
    taker.accept(context.channel());
    context.fireChannelRead(new DefaultHttp2DataFrame(beginning, isEarlyEnd));
    context.pipeline().remove(this);
    context.channel().flush();
  }

  private static String text(@Nullable CharSequence value) {
    return value == null ? "" : value.toString();
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  private void take(ByteBuf data, boolean isEnd) {
    if (method == null) {
      return;
    }
    int count = data.readableBytes();
    if (bytes.size() + count > MOST_BYTES + PREFIX_BYTES) {
      end(GrpcStatus.exhausted("the request is longer than " + MOST_BYTES + " bytes"));
      return;
    }
    if (!share.take(count)) {
      end(GrpcStatus.exhausted("too much is being received from this account; try again later"));
      return;
    }
    byte[] piece = new byte[count];
    data.readBytes(piece);
    bytes.writeBytes(piece);
    if (isEnd) {
      run();
    }
  }

  /** The client has said all. */
  private void run() {
    GrpcMethod found = method;
    Invocation begun = call;
    if (found == null || begun == null) {
      return;
    }
    byte[] all = bytes.toByteArray();
    // What a method makes of its request lives as long as the call.
    begun.window().whenClosed(() -> share.give(all.length));
    bytes.reset();
    forget();
    if (all.length < PREFIX_BYTES || all[0] != 0 || length(all) != all.length - PREFIX_BYTES) {
      String reason = all.length > 0 && all[0] != 0 ? "compressed messages are not taken" : "the request must be one whole message";
      begun.finish(new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, reason));
      return;
    }
    byte[] request = new byte[all.length - PREFIX_BYTES];
    System.arraycopy(all, PREFIX_BYTES, request, 0, request.length);
    dispatcher.start(found, path, begun, request);
  }

  private static long length(byte[] all) {
    return (all[1] & 0xffL) << 24 | (all[2] & 0xff) << 16 | (all[3] & 0xff) << 8 | all[4] & 0xff;
  }

  private void end(GrpcStatus status) {
    Invocation begun = call;
    forget();
    if (begun != null) {
      begun.finish(status);
    }
  }

  private void forget() {
    method = null;
    share.give(bytes.size());
    bytes.reset();
    Future<?> running = limit;
    if (running != null) {
      running.cancel(false);
    }
  }

  private void gone() {
    forget();
    dropEarly();
    Invocation begun = call;
    if (begun != null) {
      begun.window().close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    gone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // Frames that break the rules of HTTP/2: the codec has told the client.
    context.close();
  }
}
