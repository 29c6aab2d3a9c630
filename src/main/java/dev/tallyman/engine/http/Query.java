package dev.tallyman.engine.http;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Query parameters, read as dockerd reads them. */
public final class Query {
  private static final int MAX_TERMINAL_SIZE = 65_535; // the kernel's struct winsize

  private final MultiMap values;

  Query(MultiMap values) {
    this.values = values;
  }

  public boolean has(String name) {
    return values.contains(name);
  }

  public String text(String name) {
    String value = values.get(name);
    return value == null ? "" : value;
  }

  public @Nullable String textOrNull(String name) {
    String value = values.get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  public List<String> all(String name) {
    return values.getAll(name);
  }

  /** Everything but nothing, 0, no, false and none is true. */
  public boolean flag(String name) {
    return switch (text(name).strip().toLowerCase(Locale.ROOT)) {
      case "", "0", "no", "false", "none" -> false;
      default -> true;
    };
  }

  public boolean flag(String name, boolean absent) {
    return has(name) ? flag(name) : absent;
  }

  public @Nullable Integer numberOrNull(String name) {
    String value = text(name);
    if (value.isEmpty()) {
      return null;
    }
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw new TallymanException(ErrorKind.INVALID, "invalid value \"" + value + "\" for parameter " + name + ": it must be a whole number", e);
    }
  }

  public int number(String name, int absent) {
    Integer value = numberOrNull(name);
    return value == null ? absent : value;
  }

  /**
   * A height or width of a terminal, which must be there.
   *
   * @param called what dockerd calls it
   */
  public int terminalSize(String name, String called) {
    String value = text(name);
    boolean isNumber = value.matches("[+-]?[0-9]{1,20}");
    if (isNumber && value.matches("[0-9]{1,9}") && Integer.parseInt(value) <= MAX_TERMINAL_SIZE) {
      return Integer.parseInt(value);
    }
    throw new TallymanException(ErrorKind.INVALID, "invalid resize " + called + " \"" + value + "\": " + (isNumber ? "value out of range" : "invalid syntax"));
  }

  /** With names that the operation does not have, for one that passes over them. */
  public Filters anyFilters() {
    return Filters.parse(text("filters"), null);
  }

  public Filters filters(String... known) {
    return Filters.parse(text("filters"), List.of(known));
  }
}
