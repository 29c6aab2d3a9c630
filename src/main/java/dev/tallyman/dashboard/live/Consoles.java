package dev.tallyman.dashboard.live;

import dev.tallyman.container.WaitingThreads;
import dev.tallyman.dashboard.container.CommandLine;
import dev.tallyman.dashboard.Language;
import dev.tallyman.exec.Execs;
import dev.tallyman.identity.Caller;
import dev.tallyman.web.Callers;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import org.jspecify.annotations.Nullable;

/**
 * Opens terminals in containers for pages. A web socket is opened by a request that changes something, so the guard of the web package has
 * refused those of foreign pages before they come here.
 */
@ApplicationScoped
class Consoles {
  /** Before the pages, which know a path of the same form. */
  private static final int ORDER = -500;

  private final Execs execs;
  private final WaitingThreads threads;

  @Inject
  Consoles(Execs execs, WaitingThreads threads) {
    this.execs = execs;
    this.threads = threads;
  }

  void install(@Observes Router router) {
    router.getWithRegex("/ui/containers/(?<id>[0-9a-f]{64})/console/socket").order(ORDER).handler(this::open);
  }

  private void open(RoutingContext context) {
    Caller caller = Callers.required(context);
    HttpServerRequest request = context.request();
    String upgrade = request.getHeader("Upgrade");
    if (upgrade == null || !upgrade.equalsIgnoreCase("websocket")) {
      context.response().setStatusCode(400).end("this path speaks the web socket protocol");
      return;
    }
    String container = context.pathParam("id");
    String command = text(request.getParam("command"));
    String user = text(request.getParam("user"));
    Console.Size size = new Console.Size(number(request.getParam("rows"), 24), number(request.getParam("columns"), 80));
    request
        .toWebSocket()
        .onFailure(context::fail)
        .onSuccess(
            socket -> {
              Console console = new Console(execs, caller, socket, Language.of(context));
              // The words are split there, where a fault in them can be shown.
              threads.execute(() -> console.run(container, () -> CommandLine.split(command), user, size, threads));
            });
  }

  private static String text(@Nullable String given) {
    return given == null ? "" : given.strip();
  }

  private static int number(@Nullable String given, int otherwise) {
    return given != null && given.matches("[0-9]{1,4}") ? Integer.parseInt(given) : otherwise;
  }
}
