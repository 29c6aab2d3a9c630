package dev.tallyman.engine.build;

import dev.tallyman.build.BuildOutput;
import dev.tallyman.build.StageVoices;
import dev.tallyman.distribution.TransferProgress;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a build goes, as BuildKit's clients draw it: each step is a vertex with a beginning, an end, a log and counters. Stages that run side by side
 * are told at the same time, each in a trace of its own.
 */
public class Trace implements BuildOutput, TransferProgress {
  /** What BuildKit says of steps that others made end. */
  private static final String CANCELLED = "context canceled";
  private static final int ID_BYTES = 32;
  private static final int STDOUT = 1;
  private static final int STDERR = 2;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, Counter> counters = new HashMap<>();
  private final Consumer<ProtoWriter> sink;
  private @Nullable Vertex current;
  /** What has ended can still be remarked on. */
  private @Nullable Vertex last;
  private @Nullable Trace failing;

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

  /** Each in a trace of its own; the steps have numbers within their stage then. */
  @Override
  public StageVoices voices(List<StageVoices.Label> stages) {
    done("");
    Map<Integer, Trace> traces = new HashMap<>();
    stages.forEach(each -> traces.put(each.index(), new StageTrace(sink, each)));
    return new StageVoices() {
      @Override
      public BuildOutput of(int stage) {
        return trace(stage);
      }

      private Trace trace(int stage) {
        return Objects.requireNonNull(traces.get(stage), "a stage that is not built");
      }

      @Override
      public void ended(int stage) {
        Trace ended = trace(stage);
        ended.done("");
        remember(ended);
      }

      @Override
      public void failed(int stage) {
        traces.forEach((each, trace) -> {
          if (each != stage) {
            trace.done(CANCELLED);
          }
        });
        fail(trace(stage));
      }
    };
  }

  private static final class StageTrace extends Trace {
    private final StageVoices.Label stage;

    StageTrace(Consumer<ProtoWriter> sink, StageVoices.Label stage) {
      super(sink);
      this.stage = stage;
    }

    @Override
    public void step(int number, int count, String text) {
      begin("[" + (stage.name().isEmpty() ? "" : stage.name() + " ") + (number - stage.first() + 1) + "/" + stage.count() + "] " + text);
    }
  }

  private synchronized void remember(Trace ended) {
    last = ended.last;
  }

  private synchronized void fail(Trace stage) {
    failing = stage;
  }

  final synchronized void begin(String name) {
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
    last = vertex;
    sink.accept(response.message(1, vertex.message().time(6, now).text(7, error)));
  }

  /** Ends the step in which it happened. */
  public void failed(String message) {
    Trace stage = failing;
    if (stage != null) {
      stage.done(message);
    }
    done(message);
  }

  /** Of the step that is done now, or was done last; absent before the first. */
  protected final synchronized @Nullable String vertex() {
    return current != null ? current.id : last != null ? last.id : null;
  }

  @Override
  public void text(String text) {
    log(STDOUT, text);
  }

  @Override
  public void errors(String text) {
    log(STDERR, text);
  }

  private synchronized void log(int stream, String text) {
    String vertex = vertex();
    if (vertex != null) {
      ProtoWriter log = new ProtoWriter().text(1, vertex).time(2, Instant.now()).number(3, stream).bytes(4, text.getBytes(StandardCharsets.UTF_8));
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
