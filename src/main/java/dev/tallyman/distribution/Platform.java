package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What an image runs on. @param variant e.g. v8; empty = any */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern TEXT = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,31}(/[a-z0-9][a-z0-9_.-]{0,31}){0,2}");

  /** This machine's. */
  public static Platform here() {
    String name = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
    return new Platform(
        "linux",
        switch (name) {
          case "x86_64" -> "amd64";
          case "aarch64" -> "arm64";
          default -> name;
        },
        "");
  }

  /** @param text {@code os/architecture[/variant]}, {@code os} or {@code architecture}; empty = this machine's */
  public static Platform of(String text) {
    if (text.isEmpty()) {
      return here();
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!TEXT.matcher(lower).matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid platform: it must be os/architecture[/variant], such as linux/amd64");
    }
    String[] parts = lower.split("/");
    if (parts.length == 1) {
      return parts[0].equals("linux") ? here() : new Platform("linux", usual(parts[0]), "");
    }
    return new Platform(parts[0], usual(parts[1]), parts.length > 2 ? parts[2] : "");
  }

  private static String usual(String architecture) {
    return switch (architecture) {
      case "x86_64", "x86-64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> architecture;
    };
  }

  /** @param other of an image */
  boolean accepts(Platform other) {
    return os.equals(other.os) && architecture.equals(other.architecture) && (variant.isEmpty() || other.variant.isEmpty() || variant.equals(other.variant));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
