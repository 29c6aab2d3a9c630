package dev.tallyman.web;

import dev.tallyman.identity.Caller;
import dev.tallyman.web.CallerSource.Credentials;
import dev.tallyman.web.CallerSource.Resolved;
import io.netty.channel.Channel;
import io.quarkus.arc.Arc;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/**
 * Requests that have not been answered to their end: consoles, followed logs, event streams. When credentials of their account are taken
 * away they are looked at again, and the connections of those that would not be let in now are closed.
 */
@ApplicationScoped
class OpenRequests {
  private static final Logger LOG = Logger.getLogger(OpenRequests.class);

  /** For requests that are about to be answered. */
  private static final long GRACE_MILLIS = 300;

  /** RFC 9113, 7: error code of a stream that is no longer wanted. */
  private static final long CANCEL = 8;

  /** Sessions and tokens also end by themselves. */
  private static final long PERIOD_MILLIS = 60_000;

  private final Vertx vertx;
  private final CallerSource source;
  private final CurrentVertxRequest current;
  private final Set<Open> open = ConcurrentHashMap.newKeySet();

  @Inject
  OpenRequests(Vertx vertx, CallerSource source, CurrentVertxRequest current) {
    this.vertx = vertx;
    this.source = source;
    this.current = current;
    source.onRevoked(this::revoked);
    vertx.setPeriodic(PERIOD_MILLIS, timer -> look(one -> true));
  }

  void add(RoutingContext context, Credentials credentials, Caller caller) {
    Channel channel = Doors.channel(context.request());
    // Closing a channel of HTTP/2 is a polite matter of half a minute there (GOAWAY); resetting the one stream is immediate.
    boolean isStream = context.request().version() == HttpVersion.HTTP_2;
    Open one = new Open(context, credentials, caller, channel, isStream ? () -> context.response().reset(CANCEL) : channel::close);
    open.add(one);
    context.addEndHandler(done -> open.remove(one));
  }

  /** Called in the request that took the credentials away, if it was one. That gets its answer, however long it takes: whoever changes a password is logged in anew. */
  private void revoked(long account) {
    if (Arc.container().requestContext().isActive()) {
      RoutingContext asking = current.getCurrent();
      open.stream().filter(one -> one.context == asking).forEach(one -> one.hasRevoked = true);
    }
    vertx.setTimer(GRACE_MILLIS, timer -> look(one -> one.caller.account() == account));
  }

  private void look(Predicate<Open> which) {
    open.removeIf(one -> !one.channel.isActive());
    open.stream().filter(one -> !one.hasRevoked && which.test(one)).forEach(this::look);
  }

  private void look(Open one) {
    vertx
        .executeBlocking(() -> source.resolve(one.credentials), false)
        .onSuccess(
            now -> {
              if (!isStillLetIn(one.caller, now) && open.remove(one)) {
                LOG.infof("cut a connection of account %s: its credentials are no longer valid", one.caller.accountName());
                one.cut.run();
              }
            })
        .onFailure(failure -> LOG.warn("could not look at an open request again", failure));
  }

  private static boolean isStillLetIn(Caller before, Optional<Resolved> now) {
    return now.isPresent() && now.get().caller().account() == before.account() && now.get().caller().role() == before.role();
  }

  /** Not a record: two requests with the same credentials on one connection are two. */
  private static final class Open {
    private final RoutingContext context;
    private final Credentials credentials;
    private final Caller caller;
    private final Channel channel;
    private final Runnable cut;
    private volatile boolean hasRevoked;

    Open(RoutingContext context, Credentials credentials, Caller caller, Channel channel, Runnable cut) {
      this.context = context;
      this.credentials = credentials;
      this.caller = caller;
      this.channel = channel;
      this.cut = cut;
    }
  }
}
