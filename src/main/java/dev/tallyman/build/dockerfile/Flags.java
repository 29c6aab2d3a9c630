package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Flags of an instruction, {@code --name[=value]}. Whoever reads them says first which there may be; all others are refused. */
final class Flags {
  private final Map<String, List<String>> given = new LinkedHashMap<>();

  private Flags() {}

  /**
   * @param switches have no value, or true or false
   * @param single have a value
   * @param lists have a value and may come again
   */
  static Flags of(List<String> texts, Set<String> switches, Set<String> single, Set<String> lists) {
    Flags flags = new Flags();
    for (String text : texts) {
      if (text.equals("--")) {
        break;
      }
      flags.add(text, switches, single, lists);
    }
    return flags;
  }

  static void none(List<String> texts) {
    of(texts, Set.of(), Set.of(), Set.of());
  }

  private void add(String text, Set<String> switches, Set<String> single, Set<String> lists) {
    int equals = text.indexOf('=');
    String flag = equals < 0 ? text : text.substring(0, equals);
    String name = flag.substring(Math.min(2, flag.length()));
    Set<String> known = new TreeSet<>(switches);
    known.addAll(single);
    known.addAll(lists);
    if (!known.contains(name)) {
      String expected = known.isEmpty() ? "no flag" : "one of --" + String.join(", --", known);
      throw new DockerfileException("unknown flag: " + flag + Suggestion.of(name, known), flag, expected);
    }
    if (given.containsKey(name) && !lists.contains(name)) {
      throw new DockerfileException("duplicate flag specified: " + flag, flag, "the flag once");
    }
    String value = equals < 0 ? null : text.substring(equals + 1);
    if (switches.contains(name)) {
      value = switchValue(flag, value);
    } else if (value == null) {
      throw new DockerfileException("missing a value on flag: " + flag, flag, flag + "=value");
    }
    given.computeIfAbsent(name, each -> new ArrayList<>()).add(value);
  }

  private static String switchValue(String flag, @Nullable String value) {
    if (value == null) {
      return "true";
    }
    if (value.isEmpty()) {
      throw new DockerfileException("missing a value on flag: " + flag, flag, flag + "=value");
    }
    String lower = value.toLowerCase(Locale.ROOT);
    if (!lower.equals("true") && !lower.equals("false")) {
      throw new DockerfileException("expecting boolean value for flag " + flag + ", not: " + value, value, "true or false");
    }
    return lower;
  }

  String text(String name) {
    return text(name, "");
  }

  String text(String name, String otherwise) {
    return given.getOrDefault(name, List.of(otherwise)).get(0);
  }

  List<String> all(String name) {
    return given.getOrDefault(name, List.of());
  }

  boolean isOn(String name) {
    return text(name).equals("true");
  }

  /** Null when the flag is not there. */
  @Nullable Boolean maybe(String name) {
    return given.containsKey(name) ? (Boolean) isOn(name) : null;
  }

  /** The words for true and false that Docker knows. */
  static boolean bool(String value, String refusal) {
    return switch (value) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw new DockerfileException(refusal);
    };
  }
}
