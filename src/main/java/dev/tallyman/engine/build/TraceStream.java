package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.image.Progress;
import dev.tallyman.error.TallymanException;
import java.util.Base64;

/** The trace of a build among the JSON values of {@code POST /build}. */
final class TraceStream extends Progress {
  private final Trace trace = new Trace(this::send) {
    @Override
    public void made(String image) {
      super.made(image);
      TraceStream.this.send(Json.object().put("id", "moby.image.id").set("aux", Json.object().put("ID", image)));
    }
  };

  TraceStream(Exchange exchange) {
    super(exchange);
  }

  Trace trace() {
    return trace;
  }

  private void send(ProtoWriter response) {
    send(Json.object().put("id", "moby.buildkit.trace").put("aux", Base64.getEncoder().encodeToString(response.toBytes())));
  }

  @Override
  protected ObjectNode detail(TallymanException failure) {
    return Json.object().put("message", failure.getMessage());
  }
}
