package dev.tallyman.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code config} object of an image configuration, both ways, with Docker's field names and order. */
final class ConfigJson {
  private ConfigJson() {}

  static ImageConfig read(JsonNode node) {
    JsonFields fields = new JsonFields(node, "config");
    return new ImageConfig(
        fields.text("User"), fields.keys("ExposedPorts"), fields.texts("Env"), fields.texts("Entrypoint"), fields.texts("Cmd"), fields.keys("Volumes"), fields.text("WorkingDir"),
        fields.map("Labels"), fields.text("StopSignal"), fields.texts("Shell"), fields.texts("OnBuild"), healthcheck(node.path("Healthcheck")));
  }

  private static ImageConfig.@Nullable Healthcheck healthcheck(JsonNode node) {
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    JsonFields fields = new JsonFields(node, "Healthcheck");
    long retries = fields.number("Retries");
    if (retries > Integer.MAX_VALUE) {
      throw ImageDocument.invalid("Retries of its Healthcheck is too large");
    }
    return new ImageConfig.Healthcheck(
        fields.texts("Test"), fields.number("Interval"), fields.number("Timeout"), fields.number("StartPeriod"), fields.number("StartInterval"), (int) retries);
  }

  static ObjectNode write(ImageConfig config) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    text(node, "User", config.user());
    keys(node, "ExposedPorts", config.exposedPorts());
    texts(node, "Env", config.env());
    texts(node, "Entrypoint", config.entrypoint());
    texts(node, "Cmd", config.cmd());
    if (config.healthcheck() != null) {
      node.set("Healthcheck", healthcheck(config.healthcheck()));
    }
    keys(node, "Volumes", config.volumes());
    text(node, "WorkingDir", config.workingDir());
    texts(node, "OnBuild", config.onBuild());
    if (!config.labels().isEmpty()) {
      ObjectNode labels = node.putObject("Labels");
      config.labels().forEach(labels::put);
    }
    text(node, "StopSignal", config.stopSignal());
    texts(node, "Shell", config.shell());
    return node;
  }

  private static ObjectNode healthcheck(ImageConfig.Healthcheck check) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    texts(node, "Test", check.test());
    number(node, "Interval", check.intervalNanos());
    number(node, "Timeout", check.timeoutNanos());
    number(node, "StartPeriod", check.startPeriodNanos());
    number(node, "StartInterval", check.startIntervalNanos());
    number(node, "Retries", check.retries());
    return node;
  }

  private static void text(ObjectNode node, String field, String value) {
    if (!value.isEmpty()) {
      node.put(field, value);
    }
  }

  private static void number(ObjectNode node, String field, long value) {
    if (value != 0) {
      node.put(field, value);
    }
  }

  private static void texts(ObjectNode node, String field, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode list = node.putArray(field);
      values.forEach(list::add);
    }
  }

  private static void keys(ObjectNode node, String field, List<String> keys) {
    if (!keys.isEmpty()) {
      ObjectNode set = node.putObject(field);
      keys.forEach(set::putObject);
    }
  }
}
