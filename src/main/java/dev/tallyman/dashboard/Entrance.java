package dev.tallyman.dashboard;

import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Whoever types only the server's address arrives at the dashboard. */
@ApplicationScoped
class Entrance {
  void install(@Observes Router router) {
    router.get("/").handler(context -> context.response().setStatusCode(303).putHeader("Location", Links.HOME).end());
  }
}
