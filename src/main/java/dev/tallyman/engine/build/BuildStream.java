package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.BuildException;
import dev.tallyman.build.BuildOutput;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EngineErrors;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The JSON values that tell how a build goes. */
final class BuildStream implements BuildOutput {
  private final AnswerStream stream;
  private final boolean isQuiet;

  BuildStream(Exchange exchange, boolean isQuiet) {
    this.stream = exchange.stream(Json.TYPE);
    this.isQuiet = isQuiet;
  }

  @Override
  public void text(String text) {
    if (!isQuiet) {
      send(Json.object().put("stream", text));
    }
  }

  @Override
  public void made(String image) {
    if (isQuiet) {
      send(Json.object().put("stream", image + "\n"));
    } else {
      send(Json.object().set("aux", Json.object().put("ID", image)));
    }
  }

  @Override
  public TransferProgress transfer() {
    if (isQuiet) {
      return TransferProgress.silent();
    }
    return new TransferProgress() {
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
        send(Json.object().put("status", status).<ObjectNode>set("progressDetail", detail).put("id", id));
      }
    };
  }

  private synchronized void send(ObjectNode value) {
    try {
      byte[] bytes = Json.bytes(value).appendString("\r\n").getBytes();
      stream.write(bytes, 0, bytes.length);
      stream.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs the build and ends the stream. A failure before the first value is an ordinary error answer, a later one the last value. */
  void run(Runnable build) throws IOException {
    try {
      build.run();
    } catch (RuntimeException e) {
      if (!stream.isBegun() || stream.isGone()) {
        throw e;
      }
      TallymanException told = EngineErrors.told(e, "POST /build");
      ObjectNode detail = Json.object();
      if (told instanceof BuildException failed) {
        detail.put("code", failed.exitCode());
      }
      detail.put("message", told.getMessage());
      send(Json.object().<ObjectNode>set("errorDetail", detail).put("error", told.getMessage()));
    }
    stream.finish();
  }
}
