package dev.tallyman.engine.grpc;

import dev.tallyman.engine.grpc.Accounts.Share;
import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.engine.http.Window;
import dev.tallyman.identity.Caller;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** One call that a client makes. */
public final class Invocation {
  private static final int PREFIX_BYTES = 5;
  /** On their way to one call; more waits, as far as a method sends more than one message. */
  private static final int WINDOW_BYTES = 128 << 10;

  private final Caller caller;
  private final Http2Headers metadata;
  private final Channel stream;
  private final Http2Headers told = new DefaultHttp2Headers();
  private final Share share;
  private final Window window = new Window(WINDOW_BYTES);
  private final AtomicBoolean isBegun = new AtomicBoolean();
  private final AtomicBoolean isFinished = new AtomicBoolean();

  Invocation(Caller caller, Share share, Http2Headers metadata, Channel stream) {
    this.caller = caller;
    this.share = share;
    this.metadata = metadata;
    this.stream = stream;
  }

  public Caller caller() {
    return caller;
  }

  /** @param name in lower case. @return empty when the client sent none of that name */
  public String metadata(String name) {
    CharSequence value = metadata.get(name);
    return value == null ? "" : value.toString();
  }

  /** @param name in lower case */
  public List<String> allMetadata(String name) {
    return metadata.getAll(name).stream().map(CharSequence::toString).toList();
  }

  /** Closed when the client gave the call up, or has the answer. */
  public Window window() {
    return window;
  }

  /** Waits while the client reads slowly. @throws dev.tallyman.error.TallymanException EXHAUSTED when its account reads nothing at all */
  public void send(ProtoWriter message) throws ClientGoneException {
    send(message.toBytes());
  }

  /** @param message as it is on the wire */
  public void send(byte[] message) throws ClientGoneException {
    int size = PREFIX_BYTES + message.length;
    window.acquire(size);
    share.send(size);
    if (isBegun.compareAndSet(false, true)) {
      stream.write(new DefaultHttp2HeadersFrame(head()));
    }
    ByteBuf frame = stream.alloc().buffer(size);
    frame.writeByte(0).writeInt(message.length).writeBytes(message);
    stream.writeAndFlush(new DefaultHttp2DataFrame(frame, false)).addListener(sent -> {
      share.sent(size);
      window.release(size);
      if (!sent.isSuccess()) {
        window.close();
      }
    });
  }

  /** Told before the first message. @param name in lower case */
  public void header(String name, String value) {
    told.set(name, value);
  }

  private Http2Headers head() {
    return new DefaultHttp2Headers().status("200").set("content-type", "application/grpc").setAll(told);
  }

  /** The first end counts. */
  void finish(GrpcStatus status) {
    if (!isFinished.compareAndSet(false, true)) {
      return;
    }
    Http2Headers trailer = isBegun.get() ? new DefaultHttp2Headers() : head();
    trailer.set("grpc-status", Integer.toString(status.code()));
    if (!status.message().isEmpty()) {
      trailer.set("grpc-message", status.encoded());
    }
    if (status.details().length > 0) {
      trailer.set("grpc-status-details-bin", Base64.getEncoder().withoutPadding().encodeToString(status.details()));
    }
    stream.writeAndFlush(new DefaultHttp2HeadersFrame(trailer, true)).addListener(sent -> {
      window.close();
      stream.close();
    });
  }

  /** An answer without gRPC, for what is no call of it. */
  void refuse(String httpStatus) {
    if (isFinished.compareAndSet(false, true)) {
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(httpStatus), true)).addListener(sent -> stream.close());
    }
  }
}
