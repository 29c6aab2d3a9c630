package dev.tallyman.engine.http;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.http.EndpointTable.Intake;
import dev.tallyman.engine.http.EndpointTable.Match;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.BodyLimit;
import dev.tallyman.web.Callers;
import dev.tallyman.web.Doors;
import io.quarkus.arc.Arc;
import io.quarkus.arc.ManagedContext;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.concurrent.RejectedExecutionException;

/** Finds the operation of a request, takes its body and runs it on a thread that may block, unless it says that it never does. */
@ApplicationScoped
class EngineRouter {
  /** Before every other feature, behind the guard and the caller's resolution. */
  private static final int ORDER = -1000;

  private final EndpointTable table = new EndpointTable();
  private final WaitingThreads threads;

  @Inject
  EngineRouter(Instance<EngineEndpoints> groups, WaitingThreads threads) {
    this.threads = threads;
    groups.forEach(each -> each.register(table));
  }

  void install(@Observes Router router) {
    router.route().order(ORDER).handler(this::dispatch);
  }

  private void dispatch(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = String.valueOf(request.path());
    if (Doors.isIndex(path)) {
      context.next();
      return;
    }
    int end = endOfVersion(path);
    String plain = path.substring(end);
    if (request.method() == HttpMethod.OPTIONS && (end > 0 || plain.equals("/") || table.knowsHead(plain))) {
      context.response().end();
      return;
    }
    if (end == 0 && !table.knowsHead(plain)) {
      context.next();
      return;
    }
    context.response().putHeader("Api-Version", ApiVersion.NEWEST.toString()).putHeader("Docker-Experimental", "false").putHeader("Ostype", "linux").putHeader("Server", "Tallyman");
    Match match = table.find(request.method().name(), plain.isEmpty() ? "/" : plain);
    ApiVersion version = ApiVersion.NEWEST;
    try {
      if (end > 0) {
        if (ApiVersion.isTooOld(path.substring(2, end))) {
          refuse(context, Answer.plain(400, ApiVersion.tooOld(path.substring(2, end))));
          return;
        }
        version = ApiVersion.parse(path.substring(2, end));
      }
      if (match != null && !match.entry().isOpen()) {
        Callers.required(context);
      }
    } catch (TallymanException e) {
      refuse(context, EngineErrors.answer(e));
      return;
    }
    if (match == null) {
      refuse(context, EngineErrors.answer(404, "page not found"));
      return;
    }
    take(context, match, new Exchange(context, match.variable(), version));
  }

  /** Nobody reads the body of a request that is refused before its operation is known. */
  private static void refuse(RoutingContext context, Answer answer) {
    Exchange exchange = new Exchange(context, "", ApiVersion.NEWEST);
    if (hasBody(context.request())) {
      exchange.setUpload(new RequestBody(context.request()));
    }
    exchange.answer(answer);
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") != null || (length != null && !length.equals("0"));
  }

  private void take(RoutingContext context, Match match, Exchange exchange) {
    Endpoint endpoint = match.entry().endpoint();
    if (match.entry().isOpen() && !hasBody(context.request())) {
      handle(endpoint, exchange);
      return;
    }
    if (match.entry().intake() == Intake.STREAM) {
      exchange.setUpload(new RequestBody(context.request()));
      run(endpoint, exchange);
      return;
    }
    if (match.entry().intake() == Intake.NONE) {
      run(endpoint, exchange);
      return;
    }
    BodyLimit.read(context)
        .onSuccess(
            body -> {
              exchange.setBody(body);
              run(endpoint, exchange);
            })
        .onFailure(exchange::fail);
  }

  private void run(Endpoint endpoint, Exchange exchange) {
    try {
      threads.execute(() -> handle(endpoint, exchange));
    } catch (RejectedExecutionException e) {
      exchange.fail(new TallymanException(ErrorKind.UNAVAILABLE, "the server is shutting down", e));
    }
  }

  private static void handle(Endpoint endpoint, Exchange exchange) {
    ManagedContext requestContext = Arc.container().requestContext();
    boolean isOurs = !requestContext.isActive();
    if (isOurs) {
      requestContext.activate();
    }
    try {
      exchange.answer(endpoint.handle(exchange));
    } catch (Throwable e) {
      // The boundary of the edge: whatever failed, errors too, the client gets an answer.
      exchange.fail(e);
    } finally {
      if (isOurs) {
        requestContext.terminate();
      }
    }
  }

  /** @return where the plain path begins: 0 without a version */
  private static int endOfVersion(String path) {
    if (path.length() < 3 || !path.startsWith("/v") || !Character.isDigit(path.charAt(2))) {
      return 0;
    }
    int at = 2;
    while (at < path.length() && (Character.isDigit(path.charAt(at)) || path.charAt(at) == '.')) {
      at++;
    }
    return at == path.length() || path.charAt(at) == '/' ? at : 0;
  }
}
