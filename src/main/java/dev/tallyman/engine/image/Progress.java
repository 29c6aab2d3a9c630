package dev.tallyman.engine.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EngineErrors;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The stream of JSON values that tells how a long operation goes. A failure before the first value is an ordinary error answer, a later
 * one is the last value.
 */
final class Progress {
  private final Exchange exchange;
  private final AnswerStream stream;

  Progress(Exchange exchange) {
    this.exchange = exchange;
    this.stream = exchange.stream(Json.TYPE);
  }

  /** A line that the client prints as it is. */
  void line(String text) {
    send(Json.object().put("stream", text.endsWith("\n") ? text : text + "\n"));
  }

  void status(String text) {
    send(Json.object().put("status", text));
  }

  private void send(ObjectNode value) {
    try {
      byte[] bytes = Json.bytes(value).appendString("\r\n").getBytes();
      stream.write(bytes, 0, bytes.length);
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the operation and ends the stream. */
  void run(Operation operation) throws IOException {
    try {
      operation.run();
    } catch (IOException | RuntimeException e) {
      if (!stream.isBegun() || stream.isGone()) {
        throw e;
      }
      TallymanException told = EngineErrors.told(e, exchange.context().request().method() + " " + exchange.context().request().path());
      send(Json.object().put("error", told.getMessage()).set("errorDetail", Json.object().put("message", told.getMessage())));
    }
    stream.finish();
  }

  /** The work that reports its progress. */
  interface Operation {
    void run() throws IOException;
  }
}
