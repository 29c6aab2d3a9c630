package dev.tallyman.engine.session;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.engine.http.Answer;
import dev.tallyman.engine.http.EndpointTable;
import dev.tallyman.engine.http.EngineEndpoints;
import dev.tallyman.engine.http.Exchange;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Where build clients open their sessions. What happens over one is the build's, and its row of the audit trail. */
@Singleton
class SessionEndpoints implements EngineEndpoints {
  private static final int MOST_METHODS = 64;

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

  private Answer open(Exchange exchange) throws IOException {
    Caller caller = exchange.caller();
    Sessions.Place place = place(exchange, caller, header(exchange, "X-Docker-Expose-Session-Uuid"));
    Set<String> methods =
        exchange.context().request().headers().getAll("X-Docker-Expose-Session-Grpc-Method").stream()
            .limit(MOST_METHODS).map(each -> each.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    try {
      place.fill(SessionConnection.take(exchange, methods));
    } catch (IOException | RuntimeException e) {
      place.free();
      throw e;
    }
    return Answer.streamed();
  }

  private Sessions.Place place(Exchange exchange, Caller caller, String id) {
    try {
      caller.require(Role.MEMBER, "open a session for builds");
      if (!header(exchange, "Upgrade").equalsIgnoreCase("h2c")) {
        throw new TallymanException(ErrorKind.INVALID, "a session needs the header Upgrade: h2c");
      }
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
