package dev.tallyman.dashboard.live;

import dev.tallyman.dashboard.Language;
import dev.tallyman.dashboard.Refusals;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.exec.Execs;
import dev.tallyman.exec.Execs.ExecRequest;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.MonitorConnection;
import dev.tallyman.kernel.MonitorConnection.Frame;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One terminal: a command in a container joined with a page. Binary messages are typed bytes and output; text messages are JSON, from the page
 * {@code {"rows":24,"columns":80}}, to the page {@code {"exit":0}} or {@code {"refused":"why"}}, each the last one.
 */
final class Console {
  private static final Logger LOG = Logger.getLogger(Console.class);
  /** Messages that may wait for the command; no more is taken from the network until there is room. */
  private static final int MAX_WAITING = 64;
  /** A page that takes nothing for so long is gone. */
  private static final long PATIENCE_SECONDS = 60;
  private static final int LONGEST_REASON = 2000;

  /** @param rows 1 to 9999; @param columns 1 to 9999 */
  record Size(int rows, int columns) {}

  private sealed interface Input {
    record Keys(ByteBuffer bytes) implements Input {}

    record Resized(Size size) implements Input {}

    record End() implements Input {}
  }

  private final Execs execs;
  private final Caller caller;
  private final ServerWebSocket socket;
  private final Language language;
  private final LinkedBlockingQueue<Input> inputs = new LinkedBlockingQueue<>();
  private volatile @Nullable MonitorConnection monitor;

  /** Must be called on the socket's event loop, so that no message is missed. */
  Console(Execs execs, Caller caller, ServerWebSocket socket, Language language) {
    this.execs = execs;
    this.caller = caller;
    this.socket = socket;
    this.language = language;
    socket.binaryMessageHandler(bytes -> add(new Input.Keys(ByteBuffer.wrap(bytes.getBytes()))));
    socket.textMessageHandler(text -> resized(text));
    socket.closeHandler(closed -> left());
    socket.exceptionHandler(failure -> left());
  }

  private void add(Input input) {
    inputs.add(input);
    if (inputs.size() >= MAX_WAITING) {
      socket.pause();
    }
  }

  private void resized(String text) {
    try {
      JsonObject size = new JsonObject(text);
      add(new Input.Resized(new Size(within(size.getInteger("rows", 24)), within(size.getInteger("columns", 80)))));
    } catch (RuntimeException e) { // whatever the JSON library makes of it: not JSON, not an object, not numbers
      LOG.debugf(e, "a page sent a message that is no size");
      socket.close((short) 1003, "not a size");
    }
  }

  private static int within(int given) {
    return Math.max(1, Math.min(given, 9999));
  }

  private void left() {
    inputs.add(new Input.End());
    MonitorConnection open = monitor;
    if (open != null) {
      open.close();
    }
  }

  /** Blocks until the command has ended or the page is gone; a command that lost its page is hung up. */
  void run(String container, Supplier<List<String>> words, String user, Size size, Executor threads) {
    String exec;
    MonitorConnection opened;
    try {
      exec = execs.create(caller, container, new ExecRequest(words.get(), List.of("TERM=xterm-256color"), "", user, true, false, true, true, true, ""));
      opened = execs.start(caller, exec, false, size.rows(), size.columns());
      if (opened == null) {
        throw new TallymanException(ErrorKind.INTERNAL, "the command was started without a connection");
      }
    } catch (TallymanException e) {
      sayLast(new JsonObject().put("refused", shortened(Refusals.say(language, String.valueOf(e.getMessage())))));
      return;
    }
    monitor = opened;
    if (socket.isClosed()) {
      opened.close();
    }
    threads.execute(() -> passInput(opened));
    try (opened) {
      Integer code = passOutput(opened);
      if (code == null) {
        execs.hangUp(caller, exec);
        socket.close();
      } else {
        sayLast(new JsonObject().put("exit", code));
      }
    } catch (IOException e) {
      LOG.debugf(e, "a console of %s ended", container);
      execs.hangUp(caller, exec);
      socket.close();
    }
  }

  /** @return exit code; absent when the connection ended before the command did */
  private @Nullable Integer passOutput(MonitorConnection from) throws IOException {
    Frame frame;
    while ((frame = from.next()) != null) {
      if (frame instanceof Frame.Ended ended) {
        return ended.exit().code();
      }
      if (frame instanceof Frame.Output output) {
        byte[] bytes = new byte[output.bytes().remaining()];
        output.bytes().get(bytes);
        send(Buffer.buffer(bytes));
      }
    }
    return null;
  }

  /** Waits until the network has taken it: a slow page slows the command down, as a slow terminal does. */
  private void send(Buffer bytes) throws IOException {
    try {
      socket.writeBinaryMessage(bytes).toCompletionStage().toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a page was slow", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the page has left", e);
    }
  }

  private void passInput(MonitorConnection to) {
    try {
      Input input;
      while (!((input = inputs.take()) instanceof Input.End)) {
        if (input instanceof Input.Keys keys) {
          to.writeInput(keys.bytes());
        } else if (input instanceof Input.Resized resized) {
          to.resize(resized.size().rows(), resized.size().columns());
        }
        if (inputs.size() < MAX_WAITING / 2) {
          socket.resume();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debugf(e, "a command takes no more input");
    }
  }

  private void sayLast(JsonObject message) {
    socket.writeTextMessage(message.encode()).onComplete(sent -> socket.close());
  }

  private static String shortened(String reason) {
    return reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) + "…" : reason;
  }
}
