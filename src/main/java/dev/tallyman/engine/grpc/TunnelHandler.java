package dev.tallyman.engine.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;

/** Makes the messages of a call the bytes of a connection, and the other way round. */
final class TunnelHandler extends ChannelDuplexHandler {
  private static final int PREFIX_BYTES = 5;
  /** Clients write frames of HTTP/2 through it, which are some kilobytes. */
  private static final int MOST_BYTES = 1 << 20;

  private final ByteBuf part = Unpooled.buffer();
  private boolean isEnded;

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    context.write(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status("200").set("content-type", "application/grpc")));
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    part.release();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof Http2DataFrame data) {
        part.writeBytes(data.content());
        take(context);
        if (data.isEndStream()) {
          close(context, context.newPromise());
        }
      }
    } catch (IOException e) {
      close(context, context.newPromise());
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(ChannelHandlerContext context) throws IOException {
    while (part.readableBytes() >= PREFIX_BYTES) {
      long length = part.getUnsignedInt(part.readerIndex() + 1);
      if (part.getByte(part.readerIndex()) != 0 || length > MOST_BYTES) {
        throw new IOException("a compressed or too long message in a tunnel");
      }
      if (part.readableBytes() < PREFIX_BYTES + length) {
        break;
      }
      part.skipBytes(PREFIX_BYTES);
      byte[] message = new byte[(int) length];
      part.readBytes(message);
      pass(context, new ProtoReader(message));
    }
    part.discardSomeReadBytes();
  }

  private static void pass(ChannelHandlerContext context, ProtoReader message) throws IOException {
    for (int field = message.next(); field != 0; field = message.next()) {
      if (field == 1) {
        context.fireChannelRead(Unpooled.wrappedBuffer(message.bytes()));
      } else {
        message.skip();
      }
    }
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (!(message instanceof ByteBuf bytes)) {
      context.write(message, promise);
      return;
    }
    byte[] piece = new byte[bytes.readableBytes()];
    bytes.readBytes(piece);
    ReferenceCountUtil.release(bytes);
    if (piece.length == 0) {
      // An empty message makes clients read their last one again.
      promise.trySuccess();
      return;
    }
    byte[] body = new ProtoWriter().bytes(1, piece).toBytes();
    ByteBuf frame = context.alloc().buffer(PREFIX_BYTES + body.length);
    context.write(new DefaultHttp2DataFrame(frame.writeByte(0).writeInt(body.length).writeBytes(body), false), promise);
  }

  @Override
  public void close(ChannelHandlerContext context, ChannelPromise promise) {
    if (isEnded || !context.channel().isActive()) {
      context.close(promise);
      return;
    }
    isEnded = true;
    DefaultHttp2Headers trailer = new DefaultHttp2Headers();
    trailer.set("grpc-status", "0");
    context.writeAndFlush(new DefaultHttp2HeadersFrame(trailer, true)).addListener(sent -> context.close(promise));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    // Of the outer connection; what is inside knows its own only.
  }
}
