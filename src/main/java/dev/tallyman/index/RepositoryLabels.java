package dev.tallyman.index;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What makers wrote about their images, as one text to search in. */
final class RepositoryLabels {
  /** Characters, as Java and the database count them; what is behind them is not found. */
  static final int MAX_LENGTH = 16_384;

  private RepositoryLabels() {}

  /** Labels of the configuration and annotations of the manifest, by name, name=value on a line each; empty if there are none. */
  static String of(ManifestDocument document, Optional<ConfigView> config) {
    Map<String, String> found = new TreeMap<>();
    JsonNode annotations = document.annotations();
    if (annotations != null) {
      annotations.properties().forEach(each -> found.put(each.getKey(), each.getValue().asText()));
    }
    config.ifPresent(each -> found.putAll(each.labels()));
    // No database keeps this character.
    String text = found.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).collect(Collectors.joining("\n")).replace("\0", "");
    return text.substring(0, Math.min(MAX_LENGTH, text.length()));
  }
}
