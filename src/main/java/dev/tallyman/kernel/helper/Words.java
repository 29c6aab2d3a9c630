package dev.tallyman.kernel.helper;

import java.util.Locale;

/** Names of fields and operations for people. */
final class Words {
  private Words() {}

  /** {@code MEMORY_MAX} becomes {@code memory max}. */
  static String of(Enum<?> name) {
    return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
