package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.Builds;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.Cancellation;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.http.Times;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;

/** The classic builder. BuildKit's ways in are refused with what to do instead. */
@Singleton
class BuildEndpoints implements EngineEndpoints {
  private static final String INSTEAD = "this server builds without BuildKit: set DOCKER_BUILDKIT=0";

  private final Builds builds;
  private final WaitingThreads threads;

  @Inject
  BuildEndpoints(Builds builds, WaitingThreads threads) {
    this.builds = builds;
    this.threads = threads;
  }

  @Override
  public void register(EndpointTable table) {
    table.upload("POST", "/build", this::build);
    table.post("/build/cancel", this::cancel);
    table.post("/build/prune", this::prune);
    table.post("/session", exchange -> refuse());
    table.post("/grpc", exchange -> refuse());
  }

  private static Answer refuse() {
    throw new TallymanException(ErrorKind.UNSUPPORTED, INSTEAD);
  }

  private Answer build(Exchange exchange) throws IOException {
    BuildRequest request = BuildQuery.read(exchange);
    Cancellation cancellation = new Cancellation();
    exchange.window().whenClosed(() -> threads.execute(cancellation::cancel));
    BuildStream stream = new BuildStream(exchange, exchange.query().flag("q"));
    stream.run(() -> builds.build(exchange.caller(), request, exchange.bodyStream(), stream, cancellation));
    return Answer.streamed();
  }

  private Answer cancel(Exchange exchange) {
    String id = exchange.query().text("id");
    if (id.isEmpty()) {
      throw new TallymanException(ErrorKind.INVALID, "build ID not provided");
    }
    builds.cancel(exchange.caller(), id);
    return Answer.empty(204);
  }

  private Answer prune(Exchange exchange) {
    Query query = exchange.query();
    Filters filters = query.filters("until", "unused-for", "type");
    String until = filters.first("until") == null ? filters.first("unused-for") : filters.first("until");
    Instant before = until == null ? null : Times.parse(until, "until");
    for (String name : new String[] {"reserved-space", "max-used-space", "min-free-space"}) {
      if (!query.text(name).isEmpty() && !query.text(name).equals("0")) {
        throw new TallymanException(ErrorKind.UNSUPPORTED, "the parameter " + name + " is not supported by this server; use keep-storage");
      }
    }
    Builds.Pruned pruned = builds.prune(exchange.caller(), query.flag("all"), before == null ? Instant.now().plusSeconds(1) : before, keep(query), filters.first("type") == null ? "" : filters.first("type"));
    ObjectNode view = Json.object();
    view.set("CachesDeleted", Json.texts(pruned.ids()));
    return Answer.ok(view.put("SpaceReclaimed", pruned.bytes()));
  }

  private static long keep(Query query) {
    String text = query.text("keep-storage");
    if (!text.isEmpty() && !text.matches("\\d{1,18}")) {
      throw new TallymanException(ErrorKind.INVALID, "keep-storage is in bytes and expects an integer, got " + text);
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }
}
