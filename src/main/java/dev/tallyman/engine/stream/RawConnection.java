package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.ApiVersion;
import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Window;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection of a request, taken away from HTTP: attach and exec speak raw bytes in both directions, each of which can end alone.
 */
public final class RawConnection implements ClientStream {
  /** Time for the client to read the last bytes and to close, before the connection is closed under it. */
  private static final long LINGER_MILLIS = 2_000;

  private final Channel channel;
  private final Window window = new Window();
  private final RawHandler handler = new RawHandler(window);
  private final boolean isMultiplexed;
  private boolean isClosing;

  private RawConnection(Channel channel, boolean isMultiplexed) {
    this.channel = channel;
    this.isMultiplexed = isMultiplexed;
  }

  /**
   * Answers the request with 101 UPGRADED (or 200, for a client that did not ask for an upgrade) and takes the connection.
   *
   * @param isMultiplexed true if output comes in frames, which the content type tells from API 1.42 on to those who asked for an upgrade
   */
  public static RawConnection take(Exchange exchange, boolean isMultiplexed) throws IOException {
    Channel channel = Takeover.channel(exchange);
    RawConnection connection = new RawConnection(channel, isMultiplexed);
    boolean isUpgrade = exchange.header("Upgrade") != null;
    boolean tells = isMultiplexed && isUpgrade && !exchange.version().isBefore(42);
    String type = tells ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
    Takeover.run(exchange, channel, () -> connection.swap(head(isUpgrade, type)));
    return connection;
  }

  private static String head(boolean isUpgrade, String type) {
    String first = isUpgrade ? "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n" : "HTTP/1.1 200 OK\r\nConnection: close\r\n";
    return first + "Content-Type: " + type + "\r\nApi-Version: " + ApiVersion.NEWEST + "\r\nOstype: linux\r\n\r\n";
  }

  private void swap(String head) {
    if (!channel.isActive()) {
      window.close();
    }
    handler.install(channel);
    channel.writeAndFlush(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII));
  }

  @Override
  public @Nullable ByteBuffer read() {
    return handler.read();
  }

  @Override
  public void write(boolean isError, ByteBuffer bytes) throws ClientGoneException {
    if (!bytes.hasRemaining()) {
      return;
    }
    byte[] header = isMultiplexed ? Frames.header(isError, bytes.remaining()) : new byte[0];
    int size = header.length + bytes.remaining();
    window.acquire(size);
    ByteBuf buffer = channel.alloc().directBuffer(size);
    buffer.writeBytes(header).writeBytes(bytes);
    channel.writeAndFlush(buffer).addListener(sent -> {
      window.release(size);
      if (!sent.isSuccess()) {
        window.close();
      }
    });
  }

  @Override
  public Window window() {
    return window;
  }

  @Override
  public void close() {
    channel.eventLoop().execute(this::endOutput);
  }

  private void endOutput() {
    if (isClosing) {
      return;
    }
    isClosing = true;
    handler.discardInput();
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(flushed -> shutDown());
  }

  private void shutDown() {
    window.close();
    if (!channel.isActive()) {
      return;
    }
    // With input unread a plain close could take the last output away from the client.
    ChannelFuture ended = channel.pipeline().get("ssl") != null || !(channel instanceof DuplexChannel duplex) ? channel.close() : duplex.shutdownOutput();
    ended.addListener(done -> {
      if (handler.isInputEnded()) {
        channel.close();
      } else {
        handler.closeAtEndOfInput();
        channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
      }
    });
  }
}
