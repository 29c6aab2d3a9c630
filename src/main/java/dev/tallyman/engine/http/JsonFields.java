package dev.tallyman.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a JSON object one by one, strict about their types. As dockerd's decoder does, it takes {@code memory} for {@code Memory} and
 * passes over names that the API does not have: dockerode sends the parameters of the query in the body too, docker-java its
 * {@code containerId}. An option of the API that is not here is refused by {@link #allowOnly}, so that none is silently dropped. All methods
 * throw INVALID and name the field.
 */
public final class JsonFields {
  private final ObjectNode node;
  private final String path;
  private final Set<String> read = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

  private JsonFields(ObjectNode node, String path) {
    this.node = node;
    this.path = path;
  }

  private static boolean isSmall(String name) {
    return !name.isEmpty() && Character.isLowerCase(name.charAt(0));
  }

  /** The value of a name in whatever case it is spelt: where it is there twice (docker-java's raw values) the last that is not null, as Go's decoder has it. */
  private @Nullable JsonNode value(String name) {
    JsonNode last = null;
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (each.getKey().equalsIgnoreCase(name) && (last == null || !each.getValue().isNull())) {
        last = each.getValue();
      }
    }
    return last;
  }

  /** @param node an object, or null for one without fields; @param path of it in the body, empty for the body itself */
  public static JsonFields of(@Nullable JsonNode node, String path) {
    if (node == null || node.isNull()) {
      return new JsonFields(JsonNodeFactory.instance.objectNode(), path);
    }
    if (!(node instanceof ObjectNode object)) {
      throw wrongKind(path.isEmpty() ? "the body" : path, "an object");
    }
    return new JsonFields(object, path);
  }

  public boolean isEmpty() {
    return node.isEmpty();
  }

  public boolean has(String name) {
    JsonNode value = value(name);
    return value != null && !value.isNull();
  }

  public @Nullable String textOrNull(String name) {
    JsonNode value = take(name, JsonNode::isTextual, "a string");
    return value == null ? null : value.textValue();
  }

  public String text(String name) {
    String value = textOrNull(name);
    return value == null ? "" : value;
  }

  public boolean flag(String name) {
    JsonNode value = take(name, JsonNode::isBoolean, "true or false");
    return value != null && value.booleanValue();
  }

  public @Nullable Boolean flagOrNull(String name) {
    JsonNode value = take(name, JsonNode::isBoolean, "true or false");
    return value == null ? null : value.booleanValue();
  }

  public @Nullable Long numberOrNull(String name) {
    JsonNode value = take(name, each -> each.isIntegralNumber() && each.canConvertToLong(), "a whole number of 64 bits");
    return value == null ? null : value.longValue();
  }

  public long number(String name) {
    Long value = numberOrNull(name);
    return value == null ? 0 : value;
  }

  public int smallNumber(String name) {
    long value = number(name);
    if (value != (int) value) {
      throw wrongKind(name(name), "a whole number of 32 bits");
    }
    return (int) value;
  }

  public @Nullable List<String> textsOrNull(String name) {
    JsonNode value = take(name, JsonNode::isArray, "an array of strings");
    return value == null ? null : strings(name, value);
  }

  public List<String> texts(String name) {
    List<String> values = textsOrNull(name);
    return values == null ? List.of() : values;
  }

  /** An array of strings or one string, as Docker takes commands. */
  public @Nullable List<String> textOrTexts(String name) {
    JsonNode value = take(name, each -> each.isArray() || each.isTextual(), "a string or an array of strings");
    if (value == null) {
      return null;
    }
    return value.isTextual() ? List.of(value.textValue()) : strings(name, value);
  }

  private List<String> strings(String name, JsonNode array) {
    List<String> all = new ArrayList<>(array.size());
    for (JsonNode each : array) {
      all.add(element(each, name(name), "an array of strings"));
    }
    return all;
  }

  /** Of an array or a map, where null is an empty string, as to Go's decoder. */
  private static String element(JsonNode value, String name, String kind) {
    if (!value.isTextual() && !value.isNull()) {
      throw wrongKind(name, kind);
    }
    return value.isNull() ? "" : value.textValue();
  }

  public Map<String, String> textMap(String name) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> each : entries(name)) {
      all.put(each.getKey(), element(each.getValue(), name(name) + "." + each.getKey(), "a string"));
    }
    return all;
  }

  /** The names of a Go set: {@code {"80/tcp":{}}}. */
  public List<String> set(String name) {
    return entries(name).stream().map(Map.Entry::getKey).toList();
  }

  public JsonFields object(String name) {
    read.add(name);
    return of(value(name), name(name));
  }

  /** The object of that name, made if it is not there: what is put into it is part of this one. */
  public JsonFields child(String name) {
    if (!has(name)) {
      put(name, JsonNodeFactory.instance.objectNode());
    }
    return object(name);
  }

  /** Gives a field another value. */
  public void put(String name, JsonNode value) {
    drop(name);
    node.set(name, value);
  }

  /** Takes a field away, in whatever case it is spelt. */
  public void drop(String name) {
    List<String> spelt = node.properties().stream().map(Map.Entry::getKey).filter(name::equalsIgnoreCase).toList();
    node.remove(spelt);
  }

  public Map<String, JsonNode> map(String name) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    entries(name).forEach(each -> all.put(each.getKey(), each.getValue()));
    return all;
  }

  public List<JsonFields> objects(String name) {
    JsonNode value = take(name, JsonNode::isArray, "an array of objects");
    List<JsonFields> all = new ArrayList<>();
    if (value != null) {
      for (JsonNode each : value) {
        all.add(of(each, name(name) + "." + all.size()));
      }
    }
    return all;
  }

  /** Any value, to be judged by the caller; null when absent. */
  public @Nullable JsonNode any(String name) {
    return take(name, each -> true, "");
  }

  /** Marks fields that mean nothing to a server, or that the caller looks at by itself. */
  public void ignore(String... names) {
    read.addAll(List.of(names));
  }

  /** Refuses a field unless it is empty or has one of the given values, which mean the same. */
  public void allowOnly(String name, String why, String... values) {
    JsonNode value = value(name);
    read.add(name);
    if (value != null && !isEmpty(value) && !List.of(values).contains(value.asText())) {
      throw refusal(name, why);
    }
  }

  /** For bodies that may change little: refuses a field that nobody read, that asks for something and that is not a client's own. */
  public void refuseOthers() {
    for (Map.Entry<String, JsonNode> each : node.properties()) {
      if (!isSmall(each.getKey()) && !read.contains(each.getKey()) && !isEmpty(each.getValue())) {
        throw refusal(each.getKey(), "leave it out");
      }
    }
  }

  public TallymanException refusal(String name, String why) {
    return new TallymanException(ErrorKind.INVALID, name(name) + " is not supported by this server: " + why);
  }

  public String name(String field) {
    return path.isEmpty() ? field : path + "." + field;
  }

  /** null, false, 0, "", and arrays and objects of such. */
  static boolean isEmpty(JsonNode value) {
    if (value.isContainerNode()) {
      for (JsonNode each : value) {
        if (!isEmpty(each)) {
          return false;
        }
      }
      return true;
    }
    return value.isNull() || (value.isBoolean() && !value.booleanValue()) || (value.isNumber() && value.doubleValue() == 0) || (value.isTextual() && value.textValue().isEmpty());
  }

  private Set<Map.Entry<String, JsonNode>> entries(String name) {
    JsonNode value = take(name, JsonNode::isObject, "an object");
    return value == null ? Set.of() : value.properties();
  }

  private @Nullable JsonNode take(String name, Predicate<JsonNode> fits, String kind) {
    read.add(name);
    JsonNode value = value(name);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!fits.test(value)) {
      throw wrongKind(name(name), kind);
    }
    return value;
  }

  private static TallymanException wrongKind(String name, String kind) {
    return new TallymanException(ErrorKind.INVALID, "invalid JSON: " + name + " must be " + kind);
  }
}
