package dev.tallyman.web;

import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ArcContainer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Answers what no feature took, and failures of plain routes that bring no handler of their own. */
@ApplicationScoped
class LastRoute {
  private static final Logger LOG = Logger.getLogger(LastRoute.class);
  private static final int ORDER = 1_000_000;

  void install(@Observes Router router) {
    router.route().order(ORDER).handler(context -> Refusals.send(context, 404, FrameworkRefusals.describe(404, "", String.valueOf(context.request().path()))));
    router.route().order(ORDER).failureHandler(LastRoute::fail);
  }

  private static void fail(RoutingContext context) {
    TallymanException known = Failures.known(context.failure());
    if (known instanceof RetryLaterException later && !context.response().headWritten()) {
      context.response().putHeader("Retry-After", Long.toString(later.seconds()));
    }
    if (known != null) {
      Refusals.send(context, Statuses.of(known), String.valueOf(known.getMessage()));
      return;
    }
    int status = context.statusCode();
    if (status >= 400 && status < 500) {
      Refusals.send(context, status, FrameworkRefusals.describe(status, context.request().method().name(), String.valueOf(context.request().path())));
      return;
    }
    if (Failures.isBrokenOff(context.failure(), context.response())) {
      LOG.debugf(context.failure(), "%s %s was broken off", context.request().method(), context.request().path());
      return;
    }
    if (!isUp()) {
      LOG.debugf(context.failure(), "%s %s came too early or too late", context.request().method(), context.request().path());
      Refusals.send(context, 503, "the server is starting or ending: try again");
      return;
    }
    LOG.errorf(context.failure(), "%s %s failed", context.request().method(), context.request().path());
    Refusals.send(context, 500, Failures.UNEXPECTED);
  }

  /** The listeners open before a start has succeeded, and close after the beans are gone: without them anything may fail in any way. */
  private static boolean isUp() {
    ArcContainer beans = Arc.container();
    return beans != null && beans.isRunning();
  }
}
