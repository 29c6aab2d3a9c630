package dev.tallyman.web;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The caller of a request, resolved once before any route of a feature runs. */
public final class Callers {
  private static final String CALLER = "tallyman.caller";
  private static final String REASON = "tallyman.caller.reason";
  private static final String MUST_CHANGE = "tallyman.caller.mustChangePassword";

  private Callers() {}

  public static Optional<Caller> of(RoutingContext context) {
    return Optional.ofNullable(context.get(CALLER));
  }

  /** @throws TallymanException UNAUTHENTICATED; the message says which credentials were not accepted or how to give some */
  public static Caller required(RoutingContext context) {
    Caller caller = context.get(CALLER);
    if (caller == null) {
      throw new TallymanException(ErrorKind.UNAUTHENTICATED, reason(context));
    }
    return caller;
  }

  /** True for a browser session that may only change its password or log out. */
  public static boolean mustChangePassword(RoutingContext context) {
    return Boolean.TRUE.equals(context.get(MUST_CHANGE));
  }

  static void set(RoutingContext context, CallerSource.Resolved resolved) {
    context.put(CALLER, resolved.caller());
    context.put(MUST_CHANGE, resolved.mustChangePassword());
  }

  static void refuse(RoutingContext context, String reason) {
    context.put(REASON, reason);
  }

  static String reason(RoutingContext context) {
    @Nullable String known = context.get(REASON);
    return known != null ? known : "nobody is logged in: log in on the dashboard, or send a token (header Authorization: Bearer or X-Tallyman-Token)";
  }
}
