package dev.tallyman.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Typed reading of a foreign JSON object. Absent and null fields are empty; a field of another type and a NUL character are refused.
 *
 * @param what name of the object in messages
 */
record JsonFields(JsonNode node, String what) {
  JsonFields {
    if (!node.isObject() && !node.isMissingNode() && !node.isNull()) {
      throw ImageDocument.invalid(what + " is not a JSON object");
    }
  }

  String text(String field) {
    JsonNode value = node.path(field);
    if (isAbsent(value)) {
      return "";
    }
    return plain(value, field);
  }

  List<String> texts(String field) {
    JsonNode value = node.path(field);
    if (isAbsent(value)) {
      return List.of();
    }
    if (!value.isArray()) {
      throw wrong(field, "a list of texts");
    }
    List<String> texts = new ArrayList<>();
    value.forEach(each -> texts.add(plain(each, field)));
    return List.copyOf(texts);
  }

  /** Keys of an object such as {@code {"80/tcp": {}}}. */
  List<String> keys(String field) {
    JsonNode value = node.path(field);
    if (isAbsent(value)) {
      return List.of();
    }
    if (!value.isObject()) {
      throw wrong(field, "an object");
    }
    List<String> keys = new ArrayList<>();
    value.fieldNames().forEachRemaining(each -> keys.add(withoutNul(each, field)));
    return List.copyOf(keys);
  }

  Map<String, String> map(String field) {
    Map<String, String> map = new LinkedHashMap<>();
    keys(field).forEach(key -> map.put(key, plain(node.path(field).path(key), field)));
    return map;
  }

  long number(String field) {
    JsonNode value = node.path(field);
    if (isAbsent(value)) {
      return 0;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw wrong(field, "a whole number of at least 0");
    }
    return value.longValue();
  }

  private String plain(JsonNode value, String field) {
    if (!value.isTextual()) {
      throw wrong(field, "text");
    }
    return withoutNul(value.textValue(), field);
  }

  private String withoutNul(String text, String field) {
    if (text.indexOf('\0') >= 0) {
      throw wrong(field, "text without NUL characters");
    }
    return text;
  }

  private static boolean isAbsent(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  private TallymanException wrong(String field, String expected) {
    return ImageDocument.invalid(field + " of its " + what + " is not " + expected);
  }
}
