package dev.tallyman.container;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code docker logs --details} shows beside each line: chosen labels and variables, and a tag (Docker's log options). */
public final class LogTag {
  private static final Pattern FIELD = Pattern.compile("\\{\\{\\s*\\.(\\w+)\\s*}}");
  private static final Set<String> FIELDS = Set.of("ID", "FullID", "Name", "ImageName", "ImageID", "ImageFullID", "DaemonName");

  private LogTag() {}

  /** @throws dev.tallyman.error.TallymanException INVALID for a template that asks for something else than a field */
  static void check(String template) {
    Matcher fields = FIELD.matcher(template);
    while (fields.find()) {
      if (!FIELDS.contains(fields.group(1))) {
        throw Refusal.invalid("invalid log opt tag: there is no field " + Refusal.quoted("." + fields.group(1)));
      }
    }
    if (FIELD.matcher(template).replaceAll("").contains("{{") || template.length() > 1000) {
      throw Refusal.invalid("invalid log opt tag: " + Refusal.quoted(template));
    }
  }

  /** @return names in alphabetical order */
  public static Map<String, String> details(Container container) {
    ContainerSpec spec = container.spec();
    Map<String, String> options = spec.logOptions();
    Map<String, String> variables = new LinkedHashMap<>();
    for (String each : container.env()) {
      int equals = each.indexOf('=');
      if (equals > 0) {
        variables.put(each.substring(0, equals), each.substring(equals + 1));
      }
    }
    Map<String, String> details = new TreeMap<>();
    choose(container.labels(), options.get("labels"), options.get("labels-regex"), details);
    choose(variables, options.get("env"), options.get("env-regex"), details);
    String tag = options.get("tag");
    if (tag != null && !tag.isEmpty()) {
      details.put("tag", text(container, tag));
    }
    return details;
  }

  /** The tag that forwarded output bears: the short id unless the container has another one. */
  public static String of(Container container) {
    String tag = container.spec().logOptions().getOrDefault("tag", "");
    return tag.isEmpty() ? container.shortId() : text(container, tag);
  }

  private static String text(Container container, String template) {
    return FIELD.matcher(template).replaceAll(field -> Matcher.quoteReplacement(value(container, field.group(1))));
  }

  private static void choose(Map<String, String> from, @Nullable String names, @Nullable String pattern, Map<String, String> to) {
    for (String name : names == null ? new String[0] : names.split(",")) {
      if (from.containsKey(name)) {
        to.put(name, from.get(name));
      }
    }
    if (pattern != null && !pattern.isEmpty()) {
      Predicate<String> matches = NamePattern.of(pattern);
      from.forEach(
          (name, value) -> {
            if (matches.test(name)) {
              to.put(name, value);
            }
          });
    }
  }

  private static String value(Container container, String field) {
    String image = container.imageId().startsWith("sha256:") ? container.imageId().substring(7) : container.imageId();
    return switch (field) {
      case "ID" -> container.shortId();
      case "FullID" -> container.id();
      case "Name" -> container.name();
      case "ImageName" -> container.image();
      case "ImageID" -> image.substring(0, Math.min(12, image.length()));
      case "ImageFullID" -> container.imageId();
      default -> "docker";
    };
  }
}
