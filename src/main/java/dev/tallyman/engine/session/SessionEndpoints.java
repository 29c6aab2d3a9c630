package dev.tallyman.engine.session;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.engine.grpc.GrpcService;
import dev.tallyman.engine.grpc.GrpcTable;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.engine.grpc.TakenConnection;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.netty.channel.Channel;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Where build clients open their sessions. What happens over one is the build's, and its row of the audit trail. */
@Singleton
class SessionEndpoints implements EngineEndpoints, GrpcService {
  private static final String ID = "X-Docker-Expose-Session-Uuid";
  private static final String METHOD = "X-Docker-Expose-Session-Grpc-Method";
  private static final String SHARED_KEY = "X-Docker-Expose-Session-Sharedkey";
  private static final int MOST_METHODS = 64;
  private static final int LONGEST_KEY = 1024;

  private final Sessions sessions;
  private final AuditTrail audit;

  @Inject
  SessionEndpoints(Sessions sessions, AuditTrail audit) {
    this.sessions = sessions;
    this.audit = audit;
  }

  @Override
  public void register(EndpointTable table) {
    table.upgrade("POST", "/session", this::open);
  }

  @Override
  public void register(GrpcTable table) {
    table.tunnel("/moby.buildkit.v1.Control/Session", this::open);
  }

  private Answer open(Exchange exchange) throws IOException {
    Sessions.Place place = place(exchange.caller(), header(exchange, ID), header(exchange, "Upgrade"));
    Set<String> methods = methods(exchange.context().request().headers().getAll(METHOD));
    try {
      place.fill(SessionConnection.take(exchange, methods, sharedKey(header(exchange, SHARED_KEY))));
    } catch (IOException | RuntimeException e) {
      place.free();
      throw e;
    }
    return Answer.streamed();
  }

  /** What clients do that share a session among several builds: it is a call among the others of their connection. */
  private Consumer<Channel> open(Invocation call) {
    Sessions.Place place = place(call.caller(), call.metadata(ID.toLowerCase(Locale.ROOT)), "h2c");
    Set<String> methods = methods(call.allMetadata(METHOD.toLowerCase(Locale.ROOT)));
    String sharedKey = sharedKey(call.metadata(SHARED_KEY.toLowerCase(Locale.ROOT)));
    call.window().whenClosed(place::free);
    return channel -> place.fill(SessionConnection.within(channel, methods, sharedKey));
  }

  private static Set<String> methods(List<String> names) {
    return names.stream().limit(MOST_METHODS).map(each -> each.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
  }

  /** No reason to refuse a session: without it all files are sent. */
  private static String sharedKey(String given) {
    return given.length() > LONGEST_KEY ? "" : given;
  }

  private Sessions.Place place(Caller caller, String id, String upgrade) {
    try {
      caller.require(Role.MEMBER, "open a session for builds");
      TakenConnection.requireHttp2(upgrade);
      return sessions.claim(caller, id);
    } catch (TallymanException e) {
      audit.failed(caller, "image.build-session", id, e);
      throw e;
    }
  }

  private static String header(Exchange exchange, String name) {
    String value = exchange.header(name);
    return value == null ? "" : value;
  }
}
