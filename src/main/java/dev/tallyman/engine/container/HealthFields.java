package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.container.Health;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.engine.http.Times;
import dev.tallyman.image.ImageConfig.Healthcheck;
import org.jspecify.annotations.Nullable;

/** Health checks in Docker's form; times are nanoseconds. */
final class HealthFields {
  private HealthFields() {}

  /** @return absent when the body has none */
  static @Nullable Healthcheck read(JsonFields config) {
    if (!config.has("Healthcheck")) {
      config.ignore("Healthcheck");
      return null;
    }
    JsonFields check = config.object("Healthcheck");
    Healthcheck read =
        new Healthcheck(
            check.texts("Test"), check.number("Interval"), check.number("Timeout"), check.number("StartPeriod"), check.number("StartInterval"), check.smallNumber("Retries"));
    return read;
  }

  /** As {@code Config.Healthcheck}: what is not set is left out. */
  static ObjectNode view(Healthcheck check) {
    ObjectNode view = Json.object();
    if (!check.test().isEmpty()) {
      view.set("Test", Json.texts(check.test()));
    }
    put(view, "Interval", check.intervalNanos());
    put(view, "Timeout", check.timeoutNanos());
    put(view, "StartPeriod", check.startPeriodNanos());
    put(view, "StartInterval", check.startIntervalNanos());
    if (check.retries() != 0) {
      view.put("Retries", check.retries());
    }
    return view;
  }

  private static void put(ObjectNode view, String name, long nanos) {
    if (nanos != 0) {
      view.put(name, nanos);
    }
  }

  /** As {@code State.Health}. */
  static ObjectNode view(Health health) {
    ObjectNode view = Json.object().put("Status", health.status().word()).put("FailingStreak", health.failingStreak());
    ArrayNode log = view.putArray("Log");
    for (Health.Check each : health.log()) {
      log.addObject().put("Start", Times.text(each.start())).put("End", Times.text(each.end())).put("ExitCode", each.exitCode()).put("Output", each.output());
    }
    return view;
  }
}
