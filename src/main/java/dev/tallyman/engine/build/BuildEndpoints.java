package dev.tallyman.engine.build;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.build.BuildException;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.Builds;
import dev.tallyman.build.CacheFilter;
import dev.tallyman.build.Cancellation;
import dev.tallyman.container.WaitingThreads;
import dev.tallyman.distribution.Login;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.engine.http.Filters;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Query;
import dev.tallyman.engine.http.Times;
import dev.tallyman.engine.session.Sessions;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The builder: the classic way in, and BuildKit's over a session. */
@Singleton
class BuildEndpoints implements EngineEndpoints {
  private final Builds builds;
  private final Sessions sessions;
  private final WaitingThreads threads;

  @Inject
  BuildEndpoints(Builds builds, Sessions sessions, WaitingThreads threads) {
    this.builds = builds;
    this.sessions = sessions;
    this.threads = threads;
  }

  @Override
  public void register(EndpointTable table) {
    table.upload("POST", "/build", this::build);
    table.post("/build/cancel", this::cancel);
    table.post("/build/prune", this::prune);
  }

  private Answer build(Exchange exchange) throws IOException {
    boolean isKit = exchange.query().text("version").equals(BuildQuery.KIT);
    // Before anything is refused: a client that is answered while it still opens its session hangs.
    Sessions.@Nullable Client client = isKit ? session(exchange) : null;
    BuildRequest request = BuildQuery.read(exchange);
    Cancellation cancellation = new Cancellation();
    exchange.window().whenClosed(() -> threads.execute(cancellation::cancel));
    if (isKit) {
      kit(exchange, client, request, cancellation);
      return Answer.streamed();
    }
    BuildStream stream = new BuildStream(exchange, exchange.query().flag("q"));
    stream.run(() -> builds.build(exchange.caller(), request, exchange.bodyStream(), stream, cancellation));
    return Answer.streamed();
  }

  private Sessions.@Nullable Client session(Exchange exchange) {
    String session = exchange.query().text("session");
    if (!session.isEmpty()) {
      return sessions.client(exchange.caller(), session);
    }
    if (exchange.query().text("remote").equals(BuildQuery.LOCAL)) {
      throw new TallymanException(ErrorKind.INVALID, "a build whose files come by a session needs the parameter session");
    }
    return null;
  }

  /** BuildKit's way: files and credentials come by the client's session, unless the files are the body as ever, or lie elsewhere. */
  private void kit(Exchange exchange, Sessions.@Nullable Client client, BuildRequest given, Cancellation cancellation) throws IOException {
    boolean isByClient = exchange.query().text("remote").equals(BuildQuery.LOCAL);
    Caller caller = exchange.caller();
    BuildRequest request = client == null ? given : given.withLogin(each -> orElse(given.login().apply(each), each, client.logins())).with(client.secrets());
    TraceStream stream = new TraceStream(exchange);
    Trace trace = stream.trace();
    stream.run(() -> {
      try {
        if (isByClient && client != null) {
          builds.build(caller, request, client.files(), trace, cancellation);
        } else {
          builds.build(caller, request, exchange.bodyStream(), trace, cancellation);
        }
      } catch (BuildException e) {
        trace.failed(e.located());
        throw new TallymanException(e.kind(), "failed to solve: " + e.located(), e);
      } catch (TallymanException e) {
        trace.failed(String.valueOf(e.getMessage()));
        throw e;
      }
    });
  }

  /** What came with the request goes before what the session has. */
  private static Login orElse(Login given, String domain, Function<String, Login> other) {
    return given.equals(Login.nobody()) ? other.apply(domain) : given;
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
    Filters filters = query.filters("until", "unused-for", "type", "id", "parent", "description", "inuse", "shared", "private");
    if (filters.values().values().stream().anyMatch(values -> values.size() > 1)) {
      throw new TallymanException(ErrorKind.INVALID, "failed to prune build cache: filters expect only one value");
    }
    String until = filters.first("until") == null ? filters.first("unused-for") : filters.first("until");
    Instant before = until == null ? Instant.now().plusSeconds(1) : Times.parse(until, "until");
    Builds.Pruned pruned = builds.prune(exchange.caller(), query.flag("all"), before, keptBytes(exchange), orEmpty(filters.first("type")), filter(filters));
    ObjectNode view = Json.object();
    if (pruned.ids().isEmpty()) {
      view.putNull("CachesDeleted");
    } else {
      view.set("CachesDeleted", Json.texts(pruned.ids()));
    }
    return Answer.ok(view.put("SpaceReclaimed", pruned.bytes()));
  }

  /** What is in use is what images or containers share with the cache; what is not is the cache's own. */
  private static CacheFilter filter(Filters filters) {
    Boolean isPrivate = filters.flag("private");
    List<Boolean> inUse = Stream.of(filters.flag("inuse"), filters.flag("shared"), isPrivate == null ? null : Boolean.valueOf(!isPrivate)).filter(Objects::nonNull).toList();
    return new CacheFilter(orEmpty(filters.first("id")), orEmpty(filters.first("parent")), orEmpty(filters.first("description")), inUse);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }

  /** The cache is cut down to the most that it may have, yet never below what is reserved for it. */
  private static long keptBytes(Exchange exchange) {
    Query query = exchange.query();
    long kept = bytes(query, "keep-storage");
    if (exchange.version().isBefore(48)) {
      return kept;
    }
    if (bytes(query, "min-free-space") != 0) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "the parameter min-free-space is not supported by this server; use reserved-space or max-used-space");
    }
    long reserved = bytes(query, "reserved-space");
    return Math.max(bytes(query, "max-used-space"), reserved == 0 ? kept : reserved);
  }

  private static long bytes(Query query, String name) {
    String text = query.text(name);
    if (!text.isEmpty() && !text.matches("\\d{1,18}")) {
      throw new TallymanException(ErrorKind.INVALID, name + " is in bytes and expects an integer, got " + text);
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }
}
