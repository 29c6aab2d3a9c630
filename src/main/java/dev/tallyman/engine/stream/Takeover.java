package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.Exchange;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Takes the connection of a request away from HTTP/1.1. */
public final class Takeover {
  /** Everything of HTTP; what stays is TLS and the platform's last handler, which learns of the end of the connection. */
  private static final List<String> OF_HTTP = List.of("idle", "h2c", "chunkedWriter", "deflater", "httpEncoder", "httpDecoder");

  private Takeover() {}

  /** @throws TallymanException INVALID for a request that shares its connection with others */
  public static Channel channel(Exchange exchange) {
    HttpServerRequest request = exchange.context().request();
    if (request.version() != HttpVersion.HTTP_1_1 && request.version() != HttpVersion.HTTP_1_0) {
      throw new TallymanException(ErrorKind.INVALID, "cannot hand over the raw stream: this needs HTTP/1.1");
    }
    return ((ConnectionBase) request.connection()).channel();
  }

  /** Runs the exchange of handlers where it is safe and waits for it. From here on nothing that fails can be answered. */
  public static void run(Exchange exchange, Channel channel, Runnable swap) throws IOException {
    exchange.handOver();
    CompletableFuture<@Nullable Void> swapped = new CompletableFuture<>();
    // A task of its own: inside the read that brought the request, the decoders cannot be removed.
    channel.eventLoop().execute(() -> attempt(channel, swap, swapped));
    try {
      swapped.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a connection was taken over", e);
    } catch (ExecutionException e) {
      throw new IOException("cannot take the connection over", e.getCause());
    }
  }

  private static void attempt(Channel channel, Runnable swap, CompletableFuture<@Nullable Void> swapped) {
    try {
      swap.run();
      swapped.complete(null);
    } catch (RuntimeException | Error e) { // somebody waits for it
      swapped.completeExceptionally(e);
      channel.close();
    }
  }

  /** On the event loop, outside of a read. */
  public static void dropHttp(ChannelPipeline pipeline) {
    for (String name : OF_HTTP) {
      if (pipeline.get(name) != null) {
        pipeline.remove(name);
      }
    }
  }
}
