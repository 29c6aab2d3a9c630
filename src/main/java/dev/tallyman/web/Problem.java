package dev.tallyman.web;

import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Error body of the REST API (RFC 9457). */
public record Problem(String type, String title, int status, String detail, String instance) {
  public static final String MEDIA_TYPE = "application/problem+json";

  /** @param detail what was attempted, why not, what helps */
  public static Problem of(int status, String detail, String path) {
    return new Problem("about:blank", Statuses.title(status), status, detail, path);
  }

  /** Answers a plain route with this body. Does nothing when an answer was already begun. */
  public void send(RoutingContext context) {
    if (context.response().headWritten()) {
      return;
    }
    context.response().setStatusCode(status).putHeader("Content-Type", MEDIA_TYPE).end(toJson().encode());
  }

  private JsonObject toJson() {
    return new JsonObject().put("type", type).put("title", title).put("status", status).put("detail", detail).put("instance", instance);
  }
}
