package dev.tallyman.engine.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.AnswerStream;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.http.Times;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** {@code docker events}: what has been, then what happens, until the client leaves or the given time comes. */
@Singleton
class EventEndpoint implements EngineEndpoints {
  private static final Logger LOG = Logger.getLogger(EventEndpoint.class);

  /** A client that reads so slowly that this many wait is cut off rather than told half of it. */
  private static final int MAX_WAITING = 10_000;

  /** Put into the queue to end the stream. */
  private static final Event STOP = new Event("", "", "", 0, Map.of(), Instant.EPOCH, 0);

  private final Events events;

  @Inject
  EventEndpoint(Events events) {
    this.events = events;
  }

  @Override
  public void register(EndpointTable table) {
    table.get("/events", this::follow);
  }

  private Answer follow(Exchange exchange) throws IOException {
    Query query = exchange.query();
    Instant since = query.text("since").equals("0") ? Instant.EPOCH : Times.parse(query.text("since"), "since");
    Instant until = Times.parse(query.text("until"), "until");
    if (since != null && until != null && until.isBefore(since)) {
      throw new TallymanException(ErrorKind.INVALID, "`since` time (" + query.text("since") + ") cannot be after `until` time (" + query.text("until") + ")");
    }
    EventFilter filter = new EventFilter(query.anyFilters(), exchange.version());
    LinkedBlockingQueue<Event> waiting = new LinkedBlockingQueue<>();
    AutoCloseable subscription = events.subscribe(event -> offer(waiting, event));
    exchange.window().whenClosed(() -> offer(waiting, STOP));
    try {
      AnswerStream stream = exchange.stream(Json.TYPE);
      stream.begin();
      long sent = sendPast(stream, exchange.caller(), filter, since, until);
      sendLive(stream, exchange.caller(), filter, until, waiting, sent);
      stream.finish();
    } finally {
      close(subscription);
    }
    return Answer.streamed();
  }

  private static void offer(LinkedBlockingQueue<Event> waiting, Event event) {
    waiting.offer(waiting.size() < MAX_WAITING ? event : STOP);
  }

  /**
   * As with dockerd, an end alone asks for the past, too.
   *
   * @return the sequence of the last event that the client was told of, or that it did not want
   */
  private long sendPast(AnswerStream stream, Caller caller, EventFilter filter, @Nullable Instant since, @Nullable Instant until) throws IOException {
    Instant from = since == null && until != null ? Instant.EPOCH : since;
    return from == null ? 0 : events.past(from, until, each -> send(stream, caller, filter, each));
  }

  private static void sendLive(
      AnswerStream stream, Caller caller, EventFilter filter, @Nullable Instant until, LinkedBlockingQueue<Event> waiting, long sent) throws IOException {
    while (!stream.isGone()) {
      Event next = take(waiting, until);
      if (next == null || next == STOP || (until != null && next.at().isAfter(until))) {
        return;
      }
      if (next.sequence() == 0 || next.sequence() > sent) {
        send(stream, caller, filter, next);
      }
    }
  }

  /** @return null when the time has come */
  private static @Nullable Event take(LinkedBlockingQueue<Event> waiting, @Nullable Instant until) {
    try {
      if (until == null) {
        return waiting.take();
      }
      long millis = Duration.between(Instant.now(), until).toMillis();
      return millis <= 0 ? waiting.poll() : waiting.poll(millis + 1, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static void send(AnswerStream stream, Caller caller, EventFilter filter, Event event) throws IOException {
    if (!caller.sees(event.team()) || !filter.matches(event)) {
      return;
    }
    byte[] bytes = Json.bytes(view(event)).appendString("\n").getBytes();
    stream.write(bytes, 0, bytes.length);
    stream.flush();
  }

  private static ObjectNode view(Event event) {
    ObjectNode view = Json.object();
    if (event.type().equals("container") || event.type().equals("image")) {
      view.put("status", event.action()).put("id", event.id());
      if (event.type().equals("container")) {
        view.put("from", event.attributes().getOrDefault("image", ""));
      }
    }
    view.put("Type", event.type()).put("Action", event.action());
    view.putObject("Actor").put("ID", event.id()).set("Attributes", Json.texts(event.attributes()));
    view.put("scope", "local").put("time", event.at().getEpochSecond());
    return view.put("timeNano", event.at().getEpochSecond() * 1_000_000_000L + event.at().getNano());
  }

  private static void close(AutoCloseable subscription) {
    try {
      subscription.close();
    } catch (Exception e) {
      // The contract of AutoCloseable allows anything; a subscription only leaves a list.
      LOG.error("cannot end a subscription of events", e);
    }
  }
}
