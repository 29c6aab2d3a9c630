package dev.tallyman.engine.session;

import dev.tallyman.engine.grpc.TakenConnection;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.stream.Takeover;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamChannelOption;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The connection of a build client on which the roles are changed: this server calls, the client answers. HTTP/2 without TLS of its own. */
final class SessionConnection {
  private static final int OPEN_SECONDS = 20;

  private final Channel channel;
  private final Set<String> methods;
  private final String sharedKey;
  private final CompletableFuture<@Nullable Void> greeted = new CompletableFuture<>();

  private SessionConnection(Channel channel, Set<String> methods, String sharedKey) {
    this.channel = channel;
    this.sharedKey = sharedKey;
    this.methods = methods;
  }

  /** @param methods that the client says it answers, in lower case; @param sharedKey as of {@link #sharedKey} */
  static SessionConnection take(Exchange exchange, Set<String> methods, String sharedKey) throws IOException {
    SessionConnection connection = new SessionConnection(Takeover.channel(exchange), methods, sharedKey);
    Takeover.run(exchange, connection.channel, connection::swap);
    return connection;
  }

  /** Within a call. On its event loop. @param channel of the bytes */
  static SessionConnection within(Channel channel, Set<String> methods, String sharedKey) {
    SessionConnection connection = new SessionConnection(channel, methods, sharedKey);
    TakenConnection.installInside(channel, codec(), connection::greet);
    return connection;
  }

  private void swap() {
    TakenConnection.install(channel, codec(), TakenConnection.deaf(), this::greet);
  }

  private static Http2FrameCodec codec() {
    return Http2FrameCodecBuilder.forClient().initialSettings(TakenConnection.settings().pushEnabled(false)).gracefulShutdownTimeoutMillis(TakenConnection.AT_ONCE).build();
  }

  /** The client speaks HTTP/2 by now: its settings are the first that it sends. */
  private void greet() {
    greeted.complete(null);
  }

  boolean answers(String method) {
    return methods.contains(method.toLowerCase(Locale.ROOT));
  }

  /** What the client says its sessions for the same folders have in common; empty: nothing. */
  String sharedKey() {
    return sharedKey;
  }

  boolean isOpen() {
    return channel.isActive();
  }

  /** Once the client answers calls. */
  void whenGreeted(Runnable listener) {
    greeted.thenRun(listener);
  }

  void whenClosed(Runnable listener) {
    channel.closeFuture().addListener(closed -> listener.run());
  }

  void close() {
    channel.close();
  }

  /**
   * Begins a call.
   *
   * @param method e.g. {@code /moby.filesync.v1.Auth/Credentials}
   * @param metadata sent with it; values need not be ASCII
   */
  GrpcCall call(String method, Map<String, List<String>> metadata) throws IOException {
    if (!answers(method)) {
      throw new IOException("the client's session does not offer " + method);
    }
    Http2Headers headers = new DefaultHttp2Headers().method("POST").scheme("http").path(method).authority("localhost");
    headers.set("te", "trailers").set("content-type", "application/grpc").set("user-agent", "Tallyman");
    metadata.forEach((name, values) -> addEncoded(headers, name, values));
    GrpcCall call = new GrpcCall();
    try {
      Channel stream = new Http2StreamChannelBootstrap(channel).option(Http2StreamChannelOption.AUTO_STREAM_FLOW_CONTROL, false).handler(call).open().get(OPEN_SECONDS, TimeUnit.SECONDS);
      call.open(stream);
      stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers));
      return call;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the client was called", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the client cannot be called: its session has ended", e);
    }
  }

  /** Headers hold ASCII only; the other side knows by a second one that the values were encoded. */
  private static void addEncoded(Http2Headers headers, String name, List<String> values) {
    boolean isPlain = values.stream().allMatch(value -> value.chars().allMatch(each -> each >= 0x20 && each < 0x7f));
    if (!isPlain) {
      headers.add(name + "-encoded", "1");
    }
    values.forEach(value -> headers.add(name, isPlain ? value : URLEncoder.encode(value, StandardCharsets.UTF_8)));
  }
}
