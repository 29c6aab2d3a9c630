package dev.tallyman.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The {@code filters} parameter: {@code {"label":["a"]}}, or the older {@code {"label":{"a":true}}}. */
public record Filters(Map<String, List<String>> values) {
  /** @param known the names that the operation has, others being refused as dockerd does; absent = all are taken */
  static Filters parse(String text, @Nullable List<String> known) {
    Map<String, List<String>> all = new LinkedHashMap<>();
    if (text.isBlank()) {
      return new Filters(all);
    }
    JsonNode node = Json.parse(text, "invalid filters");
    if (node.isNull()) {
      return new Filters(all);
    }
    if (!node.isObject()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid filters: they must be a JSON object");
    }
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (known != null && !known.contains(each.getKey())) {
        throw new TallymanException(ErrorKind.INVALID, "invalid filter '" + each.getKey() + "'");
      }
      List<String> found = strings(each.getKey(), each.getValue());
      if (!found.isEmpty()) {
        all.put(each.getKey(), found);
      }
    }
    return new Filters(all);
  }

  private static List<String> strings(String name, JsonNode value) {
    List<String> all = new ArrayList<>();
    if (value.isArray()) {
      for (JsonNode each : value) {
        if (!each.isTextual()) {
          throw new TallymanException(ErrorKind.INVALID, "invalid filter '" + name + "': its values must be strings");
        }
        all.add(each.textValue());
      }
    } else if (value.isObject()) {
      value.properties().stream().filter(each -> each.getValue().asBoolean()).forEach(each -> all.add(each.getKey()));
    } else if (!value.isNull()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid filter '" + name + "': its values must be an array");
    }
    return all;
  }

  public List<String> all(String name) {
    return values.getOrDefault(name, List.of());
  }

  public @Nullable String first(String name) {
    List<String> found = all(name);
    return found.isEmpty() ? null : found.get(0);
  }

  /** @return null when it was not given */
  public @Nullable Boolean flag(String name) {
    String value = first(name);
    if (value == null) {
      return null;
    }
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw new TallymanException(ErrorKind.INVALID, "invalid filter '" + name + "=" + value + "'");
    };
  }
}
