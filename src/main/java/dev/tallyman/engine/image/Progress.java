package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EngineErrors;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Predicate;

/**
 * The stream of JSON values that tells how a long operation goes. A failure before the first value is an ordinary error answer, a later
 * one is the last value.
 */
public class Progress implements TransferProgress {
  private final Exchange exchange;
  private final AnswerStream stream;

  public Progress(Exchange exchange) {
    this.exchange = exchange;
    this.stream = exchange.stream(Json.TYPE);
  }

  /** Output that the client prints as it is. */
  void output(String text) {
    send(Json.object().put("stream", text.endsWith("\n") ? text : text + "\n"));
  }

  @Override
  public void line(String text) {
    send(Json.object().put("status", text));
  }

  @Override
  public void status(String id, String status) {
    send(Json.object().put("status", status).<ObjectNode>set("progressDetail", Json.object()).put("id", id));
  }

  @Override
  public void bytes(String id, String status, long current, long total) {
    ObjectNode detail = Json.object().put("current", current);
    if (total > 0) {
      detail.put("total", total);
    }
    send(Json.object().put("status", status).<ObjectNode>set("progressDetail", detail).put("progress", bar(current, total)).put("id", id));
  }

  /** As dockerd draws it for clients that do not draw. */
  private static String bar(long current, long total) {
    if (total <= 0) {
      return size(current);
    }
    int done = (int) Math.min(50, current * 50 / total);
    return "[" + "=".repeat(done) + (done < 50 ? ">" : "") + " ".repeat(Math.max(0, 49 - done)) + "]  " + size(current) + "/" + size(total);
  }

  private static String size(long bytes) {
    String[] units = {"B", "kB", "MB", "GB", "TB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1000 && unit < units.length - 1) {
      value /= 1000;
      unit++;
    }
    return String.format(java.util.Locale.ROOT, "%.4g%s", value, units[unit]);
  }

  /** For programs: a fact that is no text. */
  void fact(ObjectNode aux) {
    send(Json.object().<ObjectNode>set("progressDetail", Json.object()).set("aux", aux));
  }

  protected final synchronized void send(ObjectNode value) {
    try {
      byte[] bytes = Json.bytes(value).appendString("\r\n").getBytes();
      stream.write(bytes, 0, bytes.length);
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the status of the answer has gone out. */
  boolean isBegun() {
    return stream.isBegun();
  }

  /** Runs the operation and ends the stream. */
  public final void run(Operation operation) throws IOException {
    run(operation, failure -> stream.isBegun());
  }

  /** The same, but whatever fails is told in the stream, as dockerd does it for uploads. Only who may not do it at all gets an error answer. */
  void runAndTellAll(Operation operation) throws IOException {
    run(operation, failure -> stream.isBegun() || !(failure instanceof TallymanException known && (known.kind() == ErrorKind.DENIED || known.kind() == ErrorKind.UNAUTHENTICATED)));
  }

  private void run(Operation operation, Predicate<Exception> isTold) throws IOException {
    try {
      operation.run();
    } catch (IOException | RuntimeException e) {
      if (!isTold.test(e) || stream.isGone()) {
        throw e;
      }
      TallymanException told = EngineErrors.told(e, exchange.context().request().method() + " " + exchange.context().request().path());
      send(Json.object().put("error", told.getMessage()).set("errorDetail", detail(told)));
    }
    stream.finish();
  }

  /** What the last value says of a failure besides its text. */
  protected ObjectNode detail(TallymanException failure) {
    return Json.object().put("message", failure.getMessage());
  }

  /** The work that reports its progress. */
  public interface Operation {
    void run() throws IOException;
  }
}
