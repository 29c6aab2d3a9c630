package dev.tallyman.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.regex.Pattern;

/**
 * Holds bodies of REST and pages to {@link BodyLimit}, in size and in time. The Docker edge reads its JSON bodies by
 * {@link BodyLimit#read} itself.
 */
@ApplicationScoped
class BodyGuard {
  /** After the platform's own limit (order -2), which would overwrite ours. */
  private static final int ORDER = -1;

  private static final String PLATFORM_LIMIT = "io.quarkus.max-request-size";

  /** Uploads of archives: read as they come, bounded by their reader. Those of the Docker edge do not come this far. */
  private static final Pattern ARCHIVE = Pattern.compile("/api/v1/images/(load|import|build)|/ui/images/(load|import|dockerfile/build)|(/api/v1|/ui)/volumes/import|/api/v1/containers/[^/]+/files/(archive|content)|/ui/containers/[^/]+/files/upload|/v2/.+");

  void install(@Observes Router router) {
    router.route().order(ORDER).handler(BodyGuard::limit);
  }

  private static void limit(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = String.valueOf(request.path());
    if (!hasBody(request) || ARCHIVE.matcher(path).matches()) {
      context.next();
      return;
    }
    if (declaredLength(request) > BodyLimit.MAX_BYTES) {
      BodyLimit.closeAfterAnswer(context);
      Refusals.send(context, 413, FrameworkRefusals.describe(413, "", ""));
      return;
    }
    context.put(PLATFORM_LIMIT, (long) BodyLimit.MAX_BYTES);
    long timer = context.vertx().setTimer(BodyLimit.MAX_MILLIS, id -> giveUp(context));
    context.addEndHandler(done -> context.vertx().cancelTimer(timer));
    context.next();
  }

  private static void giveUp(RoutingContext context) {
    if (!context.request().isEnded()) {
      BodyLimit.closeAfterAnswer(context);
      Refusals.send(context, 408, FrameworkRefusals.describe(408, "", ""));
    }
  }

  static boolean hasBody(HttpServerRequest request) {
    return request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD
        && (request.getHeader("Transfer-Encoding") != null || declaredLength(request) != 0 || request.version() == io.vertx.core.http.HttpVersion.HTTP_2);
  }

  private static long declaredLength(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }
}
