package dev.tallyman.engine.stream;

import dev.tallyman.engine.http.ClientGoneException;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Window;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Attach over a web socket: both outputs as they come, in binary messages. A web socket cannot end in one direction alone. */
public final class WebSocketStream implements ClientStream {
  private static final ByteBuffer END = ByteBuffer.allocate(0);

  /** Messages that may wait for the process; one more is taken from the network only when there is room. */
  private static final int MAX_WAITING = 64;

  private final ServerWebSocket socket;
  private final Window window = new Window();
  private final LinkedBlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();

  private WebSocketStream(ServerWebSocket socket) {
    this.socket = socket;
    socket.handler(this::take);
    socket.closeHandler(closed -> end());
    socket.exceptionHandler(failure -> end());
  }

  /** Must not be called on an event loop. */
  public static WebSocketStream take(Exchange exchange) throws IOException {
    HttpServerRequest request = exchange.context().request();
    String upgrade = request.getHeader("Upgrade");
    if (upgrade == null || !upgrade.equalsIgnoreCase("websocket")) {
      throw new TallymanException(ErrorKind.INVALID, "cannot attach: this path speaks the web socket protocol (Upgrade: websocket)");
    }
    CompletableFuture<WebSocketStream> opened = new CompletableFuture<>();
    // On the event loop, so that no message is missed between the handshake and the handlers.
    exchange.runOnEventLoop(
        () -> request.toWebSocket().map(WebSocketStream::new).onSuccess(opened::complete).onFailure(opened::completeExceptionally));
    try {
      WebSocketStream stream = opened.get();
      exchange.handOver();
      return stream;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a web socket was opened", e);
    } catch (ExecutionException e) {
      throw new TallymanException(ErrorKind.INVALID, "cannot attach: the web socket handshake failed", e.getCause());
    }
  }

  private void take(Buffer bytes) {
    received.add(ByteBuffer.wrap(bytes.getBytes()));
    if (received.size() >= MAX_WAITING) {
      socket.pause();
    }
  }

  private void end() {
    received.add(END);
    window.close();
  }

  @Override
  public @Nullable ByteBuffer read() {
    try {
      ByteBuffer next = received.take();
      if (next == END) {
        received.add(END);
        return null;
      }
      if (received.size() < MAX_WAITING / 2) {
        socket.resume();
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  @Override
  public void write(boolean isError, ByteBuffer bytes) throws ClientGoneException {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    window.acquire(copy.length);
    socket.writeBinaryMessage(Buffer.buffer(copy)).onComplete(sent -> window.release(copy.length));
  }

  @Override
  public Window window() {
    return window;
  }

  @Override
  public void close() {
    if (!socket.isClosed()) {
      socket.close();
    }
    end();
  }
}
