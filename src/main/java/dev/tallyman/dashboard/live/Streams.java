package dev.tallyman.dashboard.live;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Language;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.log.Logs;
import dev.tallyman.stats.Stats;
import dev.tallyman.web.Callers;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * The streams of the dashboard: what happens, to containers or at all, and beside that output and use of one. One stream for a page, because a
 * browser opens no more than six connections to a server. Streams of callers whose
 * credentials have ended are cut by the web package.
 */
@ApplicationScoped
class Streams {
  private static final Logger LOG = Logger.getLogger(Streams.class);
  /** Before the pages, which know a path of the same form. */
  private static final int ORDER = -500;

  private final Containers containers;
  private final Events events;
  private final Logs logs;
  private final Stats stats;
  private final Vertx vertx;
  private final ExecutorService workers;

  @Inject
  Streams(Containers containers, Events events, Logs logs, Stats stats, Vertx vertx, @VirtualThreads ExecutorService workers) {
    this.containers = containers;
    this.events = events;
    this.logs = logs;
    this.stats = stats;
    this.vertx = vertx;
    this.workers = workers;
  }

  void install(@Observes Router router) {
    router.get("/ui/containers/events").order(ORDER).handler(this::happenings);
    router.get("/ui/events/stream").order(ORDER).handler(this::everything);
    router.getWithRegex("/ui/containers/(?<id>[0-9a-f]{64})/stream").order(ORDER).handler(this::container);
  }

  private void happenings(RoutingContext context) {
    Caller caller = Callers.required(context);
    forward(new EventStream(context), caller, "");
  }

  /** For the page of events, which reads what happened from the history. */
  private void everything(RoutingContext context) {
    Caller caller = Callers.required(context);
    forward(new EventStream(context), event -> caller.sees(event.team()) && event.sequence() > 0);
  }

  private void container(RoutingContext context) {
    Caller caller = Callers.required(context);
    String id = context.pathParam("id");
    LogFeed.From from = LogFeed.From.of(context);
    vertx
        .<Container>executeBlocking(() -> containers.inspect(caller, id), false)
        .onFailure(context::fail)
        .onSuccess(
            container -> {
              EventStream stream = new EventStream(context);
              forward(stream, caller, container.id());
              new StatsFeed(stats, vertx, workers, caller, container.id(), stream).start();
              workers.execute(() -> new LogFeed(logs, caller, container.id(), stream, Language.of(context)).run(from));
            });
  }

  /** @param id only what happens to this container; empty = to any that the caller sees */
  private void forward(EventStream stream, Caller caller, String id) {
    forward(
        stream, event -> event.type().equals("container") && caller.sees(event.team()) && (id.isEmpty() || id.equals(event.id())) && !event.action().startsWith("exec_"));
  }

  private void forward(EventStream stream, Predicate<Event> wanted) {
    AutoCloseable subscription =
        events.subscribe(
            event -> {
              if (wanted.test(event)) {
                stream.offer("change", describe(event));
              }
            });
    stream.atClose(
        () -> {
          try {
            subscription.close();
          } catch (Exception e) { // declared by AutoCloseable
            LOG.warn("a subscription to events was not ended", e);
          }
        });
    stream.offer("ready", new JsonObject());
  }

  private static JsonObject describe(Event event) {
    return new JsonObject().put("action", event.action()).put("id", event.id()).put("name", event.attributes().get("name"));
  }
}
