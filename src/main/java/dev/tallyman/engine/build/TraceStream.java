package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.BuildOutput;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.image.Progress;
import dev.tallyman.engine.session.ProtoWriter;
import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a build goes, as BuildKit's clients draw it: each step is a vertex with a beginning, an end, a log and counters. */
final class TraceStream extends Progress implements BuildOutput {
  private static final int ID_BYTES = 32;
  private static final int STDOUT = 1;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Counter> counters = new HashMap<>();
  private @Nullable Vertex current;

  private static final class Vertex {
    private final String id;
    private final String name;
    private final Instant began = Instant.now();
    private boolean isCached;

    Vertex(String id, String name) {
      this.id = id;
      this.name = name;
    }

    ProtoWriter message() {
      return new ProtoWriter().text(1, id).text(3, name).number(4, isCached ? 1 : 0).time(5, began);
    }
  }

  private record Counter(Instant began, String name, long current, long total) {
    ProtoWriter message(String id, String vertex, Instant now, boolean isDone) {
      ProtoWriter status = new ProtoWriter().text(1, id).text(2, vertex).text(3, name).number(4, current).number(5, total).time(6, now).time(7, began);
      return isDone ? status.time(8, now) : status;
    }
  }

  TraceStream(Exchange exchange) {
    super(exchange);
  }

  @Override
  public void phase(String name) {
    begin(name);
  }

  @Override
  public void step(int number, int count, String text) {
    begin("[" + number + "/" + count + "] " + text);
  }

  private synchronized void begin(String name) {
    done("");
    byte[] id = new byte[ID_BYTES];
    random.nextBytes(id);
    Vertex vertex = new Vertex("sha256:" + HexFormat.of().formatHex(id), name);
    current = vertex;
    trace(new ProtoWriter().message(1, vertex.message()));
  }

  /** @param error empty when all is well */
  private synchronized void done(String error) {
    Vertex vertex = current;
    if (vertex == null) {
      return;
    }
    Instant now = Instant.now();
    ProtoWriter response = new ProtoWriter();
    counters.forEach((id, each) -> response.message(2, each.message(id, vertex.id, now, true)));
    counters.clear();
    current = null;
    trace(response.message(1, vertex.message().time(6, now).text(7, error)));
  }

  /** Ends the step in which it happened. */
  void failed(String message) {
    done(message);
  }

  @Override
  public synchronized void text(String text) {
    Vertex vertex = current;
    if (vertex != null) {
      ProtoWriter log = new ProtoWriter().text(1, vertex.id).time(2, Instant.now()).number(3, STDOUT).bytes(4, text.getBytes(StandardCharsets.UTF_8));
      trace(new ProtoWriter().message(3, log));
    }
  }

  @Override
  public synchronized void reused() {
    if (current != null) {
      current.isCached = true;
    }
  }

  @Override
  public void remark(String line) {
    // Clients of BuildKit say it in their own way.
  }

  @Override
  public void made(String image) {
    done("");
    send(Json.object().put("id", "moby.image.id").set("aux", Json.object().put("ID", image)));
  }

  @Override
  public TransferProgress transfer() {
    return this;
  }

  @Override
  public void line(String text) {
    text(text + "\n");
  }

  @Override
  public void status(String id, String status) {
    bytes(id, status, 0, 0);
  }

  @Override
  public synchronized void bytes(String id, String status, long now, long total) {
    Vertex vertex = current;
    if (vertex != null) {
      Counter before = counters.get(id);
      Counter counter = new Counter(before == null ? Instant.now() : before.began(), (status + " " + id).strip(), now, total);
      counters.put(id, counter);
      trace(new ProtoWriter().message(2, counter.message(id, vertex.id, Instant.now(), false)));
    }
  }

  private void trace(ProtoWriter response) {
    send(Json.object().put("id", "moby.buildkit.trace").put("aux", Base64.getEncoder().encodeToString(response.toBytes())));
  }

  @Override
  protected ObjectNode detail(TallymanException failure) {
    return Json.object().put("message", failure.getMessage());
  }
}
