package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.ContainerState;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.stats.Stats;
import dev.tallyman.stats.Stats.Sample;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code docker stats}: one sample a second, or one. */
@Singleton
class StatsEndpoint implements EngineEndpoints {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Containers containers;
  private final Stats stats;

  @Inject
  StatsEndpoint(Containers containers, Stats stats) {
    this.containers = containers;
    this.stats = stats;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/containers/{id}/stats", this::read);
  }

  private Answer read(Exchange exchange) throws IOException {
    Query query = exchange.query();
    boolean streams = query.flag("stream", true);
    boolean isOneShot = query.flag("one-shot") && !exchange.version().isBefore(41);
    if (streams && isOneShot) {
      throw new TallymanException(ErrorKind.INVALID, "cannot have stream=true and one-shot=true");
    }
    Container container = containers.inspect(exchange.caller(), exchange.name());
    if (!streams) {
      return single(exchange, container, isOneShot);
    }
    stream(exchange, container);
    return Answer.streamed();
  }

  /** The share of the CPU needs two samples; one-shot leaves it to the client. */
  private Answer single(Exchange exchange, Container container, boolean isOneShot) {
    Sample first = sample(exchange.caller(), container);
    if (isOneShot || !container.state().isAlive()) {
      return Answer.ok(StatsView.of(container, first, null));
    }
    exchange.window().sleep(INTERVAL_NANOS);
    return Answer.ok(StatsView.of(container, sample(exchange.caller(), container), first));
  }

  private void stream(Exchange exchange, Container container) throws IOException {
    AnswerStream stream = exchange.stream(Json.TYPE);
    stream.begin();
    Sample previous = null;
    do {
      Sample now;
      try {
        Container current = containers.inspect(exchange.caller(), container.id());
        now = sample(exchange.caller(), current);
      } catch (TallymanException e) {
        if (e.kind() != ErrorKind.NOT_FOUND) {
          throw e;
        }
        // It was removed: the stream ends as well.
        break;
      }
      send(stream, StatsView.of(container, now, previous));
      previous = now;
    } while (stream.window().sleep(INTERVAL_NANOS));
    stream.finish();
  }

  private @Nullable Sample sample(Caller caller, Container container) {
    return container.state().isAlive() && container.state() != ContainerState.RESTARTING ? stats.sample(caller, container.id()) : null;
  }

  private static void send(AnswerStream stream, ObjectNode view) throws IOException {
    byte[] bytes = Json.bytes(view).appendString("\n").getBytes();
    stream.write(bytes, 0, bytes.length);
    stream.flush();
  }
}
