package dev.tallyman.web;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Answers of the edge itself, before or after all features, in the form that the addressed door uses. */
final class Refusals {
  /** How REST asks for credentials (RFC 6750). */
  static final String CHALLENGE = "Bearer realm=\"tallyman\"";

  private Refusals() {}

  static void send(RoutingContext context, int status, String detail) {
    if (context.response().headWritten()) {
      return;
    }
    String path = String.valueOf(context.request().path());
    if (Doors.isApi(path)) {
      Problem.of(status, detail, path).send(context);
    } else if (Doors.isForPeople(path)) {
      context.response().setStatusCode(status).putHeader("Content-Type", "text/plain; charset=utf-8").end(detail + "\n");
    } else {
      context.response().setStatusCode(status).putHeader("Content-Type", "application/json").end(new JsonObject().put("message", detail).encode());
    }
  }
}
