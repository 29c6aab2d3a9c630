package dev.tallyman.dashboard;

import dev.tallyman.unit.ByteSize;
import io.quarkus.qute.TemplateExtension;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** How values look in pages. */
@TemplateExtension
public final class Formats {
  private static final DateTimeFormatter UTC = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private Formats() {}

  /** A fixed form; a script turns it into the reader's time zone and language. */
  static String utc(Instant instant) {
    return UTC.format(instant);
  }

  static String iso(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** For a number of bytes. */
  static String size(Long bytes) {
    return new ByteSize(bytes).toString();
  }

  /** The twelve characters by which people know an id, with or without its {@code sha256:}. */
  static String shortId(String id) {
    String hex = id.startsWith("sha256:") ? id.substring("sha256:".length()) : id;
    return hex.length() > 12 ? hex.substring(0, 12) : hex;
  }

  /** As the value of a query parameter. */
  static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String joined(List<String> parts) {
    return String.join(" ", parts);
  }

  static String lines(List<String> parts) {
    return String.join("\n", parts);
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
