package dev.tallyman.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Optional;
import java.util.Set;

/** First handler of every request: plain path, right host, no foreign page, headers that a browser obeys. */
@ApplicationScoped
class RequestGuard {
  /** Before every route of a feature (the Docker edge begins at -1000). */
  static final int ORDER = -3000;

  private static final Set<HttpMethod> SAFE = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
  private final HostCheck hosts;

  @Inject
  RequestGuard(HostCheck hosts) {
    this.hosts = hosts;
  }

  void install(@Observes Router router) {
    router.route().order(ORDER).handler(this::check);
  }

  private void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = String.valueOf(request.path());
    Optional<String> fault = RequestPath.fault(path);
    if (fault.isPresent()) {
      refuse(context, 400, fault.get());
      return;
    }
    if (request.headers().getAll("Host").size() > 1) {
      refuse(context, 400, "the request has more than one Host header");
      return;
    }
    if (Doors.residentOf(request) != null && !Doors.isEngine(path)) {
      refuse(context, 403, "a container's socket serves the Engine API only; use the server's own address for the rest");
      return;
    }
    if (!Doors.isUnixSocket(request)) {
      if (!hosts.isOurs(request)) {
        refuse(context, 421, "this server does not answer for that host name; use its address, or add the name to tallyman.web.hosts");
        return;
      }
      boolean changes = !SAFE.contains(request.method()) || request.getHeader("Upgrade") != null;
      if (changes && HostCheck.isFromForeignPage(request)) {
        refuse(context, 403, "a page of another site sent this request; it was not carried out");
        return;
      }
    }
    if (Doors.isForPeople(path)) {
      SecurityHeaders.add(context.response());
    }
    context.next();
  }

  private static void refuse(RoutingContext context, int status, String detail) {
    BodyLimit.closeAfterAnswer(context);
    Refusals.send(context, status, detail);
  }
}
