package dev.tallyman.build;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The arguments that a stage has declared so far. */
final class StageArguments {
  /** Known without an ARG; in no history and no key of the cache. */
  private static final Set<String> PROXIES = Set.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();

  /** @param value absent: it has none */
  void declare(String name, @Nullable String value) {
    names.add(name);
    if (value == null) {
      values.remove(name);
    } else {
      values.put(name, value);
    }
  }

  @Nullable String get(String name) {
    return values.get(name);
  }

  /** Those that commands see, as {@code name=value}: no variable of the image hides them. */
  List<String> visible(Map<String, String> environment) {
    return values.entrySet().stream().filter(each -> !environment.containsKey(each.getKey())).map(each -> each.getKey() + "=" + each.getValue()).toList();
  }

  /** Of texts that may have anything in them, with the length of each, so that it is clear where it ends. */
  static String exact(List<String> texts) {
    StringBuilder all = new StringBuilder();
    texts.forEach(each -> all.append(each.length()).append(':').append(each));
    return all.toString();
  }

  /** All, as {@code name=value} with what the name means to a command; as the history has them. */
  List<String> all(Map<String, String> environment) {
    return names.stream().map(name -> name + "=" + environment.getOrDefault(name, values.getOrDefault(name, ""))).toList();
  }

  /** Proxies that were given without an ARG, as variables of commands. @param consumed gets their names */
  List<String> proxies(Map<String, String> given, Set<String> consumed) {
    List<String> found = new ArrayList<>();
    given.forEach((name, value) -> {
      if (PROXIES.contains(name.toUpperCase(Locale.ROOT)) && !values.containsKey(name)) {
        consumed.add(name);
        found.add(name + "=" + value);
      }
    });
    return found;
  }
}
