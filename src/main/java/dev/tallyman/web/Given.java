package dev.tallyman.web;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.jspecify.annotations.Nullable;

/** Reads what a client gave in a body or query; says which value is wrong. All methods throw INVALID. */
public final class Given {
  private Given() {}

  /** A body or one of its fields that must be there. */
  public static <T> T required(@Nullable T value, String name) {
    if (value == null) {
      throw new TallymanException(ErrorKind.INVALID, "the field '" + name + "' is missing");
    }
    return value;
  }

  /** @param body the parsed body; null when the client sent none or the text {@code null} */
  public static <T> T body(@Nullable T body) {
    if (body == null) {
      throw new TallymanException(ErrorKind.INVALID, "the request body is missing: send a JSON object");
    }
    return body;
  }

  public static int number(@Nullable String text, String name, int absent) {
    if (text == null || text.isEmpty()) {
      return absent;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter '" + name + "' must be a whole number", e);
    }
  }

  public static @Nullable Long id(@Nullable String text, String name) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter '" + name + "' must be a whole number", e);
    }
  }

  /** RFC 3339, e.g. {@code 2026-11-28T09:00:00Z}, or seconds since 1970. */
  public static @Nullable Instant instant(@Nullable String text, String name) {
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      return text.chars().allMatch(c -> c >= '0' && c <= '9') ? Instant.ofEpochSecond(Long.parseLong(text)) : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException | NumberFormatException e) {
      throw new TallymanException(ErrorKind.INVALID, "the parameter '" + name + "' must be a time like 2026-11-28T09:00:00Z", e);
    }
  }
}
