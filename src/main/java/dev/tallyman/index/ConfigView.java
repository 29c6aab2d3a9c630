package dev.tallyman.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What people are shown of an image's configuration, as its maker wrote it: no value is checked, what has another type is left out. Lists end after
 * 1,000 entries.
 *
 * @param platform {@code os/architecture[/variant]}
 */
public record ConfigView(
    String platform, String createdAt, String author, String user, String workingDir, List<String> env, List<String> entrypoint, List<String> cmd, List<String> exposedPorts, List<String> volumes,
    Map<String, String> labels, String stopSignal, List<Step> history) {
  static final int MAX_BYTES = 4 << 20;
  private static final int MAX_ENTRIES = 1000;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** @param isEmptyLayer it changed the configuration only */
  public record Step(String createdAt, String createdBy, String comment, boolean isEmptyLayer) {}

  /** @return absent for what is no configuration of an image: artifacts put anything there */
  static Optional<ConfigView> parse(byte[] bytes) {
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory cannot fail", e);
    }
    if (root == null || !root.path("os").isTextual() || !root.path("architecture").isTextual()) {
      return Optional.empty();
    }
    JsonNode config = root.path("config");
    return Optional.of(
        new ConfigView(
            platform(root), text(root, "created"), text(root, "author"), text(config, "User"), text(config, "WorkingDir"), texts(config, "Env"), texts(config, "Entrypoint"), texts(config, "Cmd"),
            names(config, "ExposedPorts"), names(config, "Volumes"), labels(config), text(config, "StopSignal"), history(root)));
  }

  /** Of a configuration or of an index's entry. */
  static String platform(JsonNode node) {
    String variant = text(node, "variant");
    return text(node, "os") + "/" + text(node, "architecture") + (variant.isEmpty() ? "" : "/" + variant);
  }

  private static List<Step> history(JsonNode root) {
    List<Step> steps = new ArrayList<>();
    for (JsonNode each : root.path("history")) {
      if (steps.size() < MAX_ENTRIES) {
        steps.add(new Step(text(each, "created"), text(each, "created_by"), text(each, "comment"), each.path("empty_layer").asBoolean()));
      }
    }
    return steps;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).isTextual() ? node.path(field).asText() : "";
  }

  private static List<String> texts(JsonNode node, String field) {
    List<String> found = new ArrayList<>();
    for (JsonNode each : node.path(field)) {
      if (each.isTextual() && found.size() < MAX_ENTRIES) {
        found.add(each.asText());
      }
    }
    return found;
  }

  private static List<String> names(JsonNode node, String field) {
    List<String> found = new ArrayList<>();
    node.path(field).fieldNames().forEachRemaining(found::add);
    return List.copyOf(found.subList(0, Math.min(MAX_ENTRIES, found.size())));
  }

  private static Map<String, String> labels(JsonNode config) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String name : names(config, "Labels")) {
      found.put(name, text(config.path("Labels"), name));
    }
    return found;
  }
}
