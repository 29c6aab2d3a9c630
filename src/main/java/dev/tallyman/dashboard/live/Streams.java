package dev.tallyman.dashboard.live;

import dev.tallyman.account.Accounts;
import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.log.Logs;
import dev.tallyman.stats.Stats;
import dev.tallyman.web.Callers;
import dev.tallyman.web.SessionCookie;
import io.quarkus.virtual.threads.VirtualThreads;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import org.jboss.logging.Logger;

/**
 * The two streams of the dashboard: what happens to containers, and beside that output and use of one. One stream for a page, because a
 * browser opens no more than six connections to a server. A stream ends when its account's credentials are revoked.
 */
@ApplicationScoped
class Streams {
  private static final Logger LOG = Logger.getLogger(Streams.class);
  /** Before the pages, which know a path of the same form. */
  private static final int ORDER = -500;
  /** A session that has ended (logout, expiry) loses its streams within this time; revoked accounts lose theirs at once. */
  private static final long CHECK_MILLIS = 5_000;

  private final Containers containers;
  private final Events events;
  private final Logs logs;
  private final Stats stats;
  private final Accounts accounts;
  private final Vertx vertx;
  private final ExecutorService workers;
  private final Set<Open> open = ConcurrentHashMap.newKeySet();

  @Inject
  Streams(Containers containers, Events events, Logs logs, Stats stats, Accounts accounts, Vertx vertx, @VirtualThreads ExecutorService workers) {
    this.containers = containers;
    this.events = events;
    this.logs = logs;
    this.stats = stats;
    this.accounts = accounts;
    this.vertx = vertx;
    this.workers = workers;
    accounts.onRevoked(account -> open.stream().filter(each -> each.caller().account() == account).forEach(each -> each.stream().close()));
  }

  void install(@Observes Router router) {
    vertx.setPeriodic(CHECK_MILLIS, id -> {
      if (!open.isEmpty()) {
        workers.execute(this::closeEnded);
      }
    });
    router.get("/ui/events").order(ORDER).handler(this::happenings);
    router.getWithRegex("/ui/containers/(?<id>[0-9a-f]{64})/stream").order(ORDER).handler(this::container);
  }

  private void happenings(RoutingContext context) {
    EventStream stream = begin(context, Callers.required(context));
    forward(stream, Callers.required(context), "");
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
              EventStream stream = begin(context, caller);
              forward(stream, caller, container.id());
              new StatsFeed(stats, vertx, workers, caller, container.id(), stream).start();
              workers.execute(() -> new LogFeed(logs, caller, container.id(), stream).run(from));
            });
  }

  private EventStream begin(RoutingContext context, Caller caller) {
    EventStream stream = new EventStream(context);
    Open entry = new Open(caller, SessionCookie.read(context).orElse(""), stream);
    open.add(entry);
    stream.atClose(() -> open.remove(entry));
    return stream;
  }

  private void closeEnded() {
    for (Open each : open) {
      if (!each.session().isEmpty() && accounts.bySession(each.session(), each.caller().way(), each.caller().origin()).isEmpty()) {
        each.stream().close();
      }
    }
  }

  /** @param id only what happens to this container; empty = to any that the caller sees */
  private void forward(EventStream stream, Caller caller, String id) {
    AutoCloseable subscription =
        events.subscribe(
            event -> {
              if (event.type().equals("container") && caller.sees(event.team()) && (id.isEmpty() || id.equals(event.id())) && !event.action().startsWith("exec_")) {
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

  private record Open(Caller caller, String session, EventStream stream) {}
}
