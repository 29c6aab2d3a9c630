package dev.tallyman.engine.build;

import dev.tallyman.build.BuildOutput;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a build goes, as BuildKit's clients draw it: each step is a vertex with a beginning, an end, a log and counters. */
public class Trace implements BuildOutput, TransferProgress {
  private static final int ID_BYTES = 32;
  private static final int STDOUT = 1;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Counter> counters = new HashMap<>();
  private final Consumer<ProtoWriter> sink;
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

  /** @param sink gets one StatusResponse after the other */
  public Trace(Consumer<ProtoWriter> sink) {
    this.sink = sink;
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
    sink.accept(new ProtoWriter().message(1, vertex.message()));
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
    sink.accept(response.message(1, vertex.message().time(6, now).text(7, error)));
  }

  /** Ends the step in which it happened. */
  public void failed(String message) {
    done(message);
  }

  /** Of the step that is done now; absent between steps. */
  protected final synchronized @Nullable String vertex() {
    return current == null ? null : current.id;
  }

  @Override
  public synchronized void text(String text) {
    Vertex vertex = current;
    if (vertex != null) {
      ProtoWriter log = new ProtoWriter().text(1, vertex.id).time(2, Instant.now()).number(3, STDOUT).bytes(4, text.getBytes(StandardCharsets.UTF_8));
      sink.accept(new ProtoWriter().message(3, log));
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
      sink.accept(new ProtoWriter().message(2, counter.message(id, vertex.id, Instant.now(), false)));
    }
  }
}
