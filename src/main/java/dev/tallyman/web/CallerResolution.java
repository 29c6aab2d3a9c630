package dev.tallyman.web;

import dev.tallyman.identity.Origin;
import dev.tallyman.identity.Way;
import dev.tallyman.web.CallerSource.Credentials;
import dev.tallyman.web.CallerSource.Resolved;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Second handler of every request: finds out who is asking. What an unknown caller may do is the services' matter; only REST bodies are not read
 * for one, except to log in.
 */
@ApplicationScoped
class CallerResolution {
  private static final Logger LOG = Logger.getLogger(CallerResolution.class);

  /** All that a session with a password to be changed may do. */
  private static final Set<String> WITH_OLD_PASSWORD = Set.of("/api/v1/me", "/api/v1/me/password", "/api/v1/session", "/ui/password", "/ui/logout", "/ui/login", "/ui/language");

  private final CallerSource source;
  private final OpenRequests open;

  @Inject
  CallerResolution(CallerSource source, OpenRequests open) {
    this.source = source;
    this.open = open;
  }

  void install(@Observes Router router) {
    router.route().order(RequestGuard.ORDER + 500).handler(this::resolve);
  }

  private void resolve(RoutingContext context) {
    String path = String.valueOf(context.request().path());
    Optional<Credentials> presented = Doors.needsNoCaller(path) ? Optional.empty() : RequestCredentials.of(context, Doors.wayOf(path));
    if (presented.isEmpty()) {
      proceed(context, path, null, null);
      return;
    }
    Credentials credentials = presented.get();
    Resolved cached = source.cached(credentials);
    if (cached != null) {
      proceed(context, path, credentials, cached);
      return;
    }
    context
        .vertx()
        .executeBlocking(() -> source.resolve(credentials), false)
        .onSuccess(found -> proceed(context, path, credentials, found.orElse(null)))
        .onFailure(
            failure -> {
              LOG.error("cannot find out who is asking", failure);
              Refusals.send(context, 503, "cannot find out who is asking: the inventory is not available");
            });
  }

  private void proceed(RoutingContext context, String path, @Nullable Credentials credentials, @Nullable Resolved found) {
    if (found != null && credentials != null) {
      Callers.set(context, found);
      open.add(context, credentials, found.caller());
      keepOpen(context.request());
      if (found.mustChangePassword() && !WITH_OLD_PASSWORD.contains(path)) {
        askForNewPassword(context, path);
        return;
      }
    } else if (credentials != null) {
      Callers.refuse(context, refusal(credentials));
    }
    if (found == null && Doors.isApi(path) && !isLogin(context, path)) {
      if (BodyGuard.hasBody(context.request())) {
        BodyLimit.closeAfterAnswer(context);
      }
      context.response().putHeader("WWW-Authenticate", Refusals.CHALLENGE);
      Refusals.send(context, 401, Callers.reason(context));
      return;
    }
    if (path.equals("/q/metrics") && found == null) {
      Refusals.send(context, 401, "metrics are for accounts of this server: send a token (header Authorization: Bearer)");
      return;
    }
    context.next();
  }

  private static boolean isLogin(RoutingContext context, String path) {
    return path.equals("/api/v1/session") && context.request().method() == HttpMethod.POST;
  }

  private static void askForNewPassword(RoutingContext context, String path) {
    if (Doors.wayOf(path) == Way.BROWSER) {
      context.response().setStatusCode(303).putHeader("Location", "/ui/password").end();
    } else {
      Refusals.send(context, 403, "this account has its first password: change it before anything else (PUT /api/v1/me/password)");
    }
  }

  /** A known caller's streams may be silent for hours; the idle limit is for strangers. */
  private static void keepOpen(HttpServerRequest request) {
    ChannelPipeline pipeline = Doors.channel(request).pipeline();
    if (pipeline.get("idle") != null) {
      pipeline.remove("idle");
    }
  }

  private static String refusal(Credentials credentials) {
    if (credentials instanceof Credentials.Session) {
      return "the session has ended: log in again";
    }
    if (credentials instanceof Credentials.Token) {
      return "the token is unknown, expired or revoked: make a new one on the dashboard or with POST /api/v1/tokens";
    }
    if (credentials instanceof Credentials.Inside) {
      return "this container's socket belongs to an account that is disabled, gone, or in another team now: make the container anew";
    }
    Origin origin = credentials.origin();
    return "user id " + origin.uid() + " of this machine belongs to no account: an administrator can set it (PATCH /api/v1/accounts/NAME, field peerUid)";
  }
}
