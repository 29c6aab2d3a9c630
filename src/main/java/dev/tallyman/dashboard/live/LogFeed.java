package dev.tallyman.dashboard.live;

import dev.tallyman.dashboard.Language;
import dev.tallyman.dashboard.Refusals;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.log.Logs;
import dev.tallyman.log.Logs.LogQuery;
import dev.tallyman.log.Logs.LogSink;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Output of one container as it comes. Every line begins with its time, which is also where a broken stream goes on. */
final class LogFeed implements LogSink {
  private static final Logger LOG = Logger.getLogger(LogFeed.class);
  /** Lines that a page begins with. */
  private static final long TAIL = 500;

  private final Logs logs;
  private final Caller caller;
  private final String container;
  private final EventStream stream;
  private final Language language;
  private final Utf8 output = new Utf8();
  private final Utf8 errors = new Utf8();

  LogFeed(Logs logs, Caller caller, String container, EventStream stream, Language language) {
    this.logs = logs;
    this.caller = caller;
    this.container = container;
    this.stream = stream;
    this.language = language;
  }

  /** Blocks until the container or the stream ends. */
  void run(From from) {
    try {
      Instant since = from.after() == null ? null : from.after().plusNanos(1);
      logs.read(caller, container, new LogQuery(true, true, true, since, null, since == null ? TAIL : -1, true), this);
      stream.offer("end", new JsonObject());
    } catch (IOException e) {
      LOG.debugf(e, "the log of %s is no longer read", container);
    } catch (TallymanException e) {
      stream.offer("refused", new JsonObject().put("why", Refusals.say(language, String.valueOf(e.getMessage()))));
    } catch (RuntimeException e) { // a thread's boundary
      LOG.warn("the log of container " + container + " cannot be shown", e);
      stream.close();
    }
  }

  @Override
  public void write(boolean isError, ByteBuffer bytes) throws IOException {
    String text = (isError ? errors : output).decode(bytes);
    if (!text.isEmpty()) {
      stream.send("log", new JsonObject().put("e", isError).put("t", text));
    }
  }

  @Override
  public void flush() {
    // Every piece is on its way as soon as it is written.
  }

  @Override
  public boolean isClosed() {
    return stream.isClosed();
  }

  /** @param after time of the last line that the page has */
  record From(@Nullable Instant after) {
    static From of(RoutingContext context) {
      String text = context.request().getParam("after");
      try {
        return new From(text == null || text.isEmpty() ? null : Instant.parse(text));
      } catch (DateTimeParseException e) {
        return new From(null);
      }
    }
  }
}
