package dev.tallyman.build.dockerfile;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of variables by name; null when a variable is not set. */
@FunctionalInterface
public interface Lookup {
  @Nullable String get(String name);

  static Lookup of(Map<String, String> variables) {
    return variables::get;
  }
}
