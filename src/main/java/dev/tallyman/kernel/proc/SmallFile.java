package dev.tallyman.kernel.proc;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files of the kernel: read whole, with a neutral answer for one that is not there (its process or group ended, or the kernel lacks it). */
final class SmallFile {
  private SmallFile() {}

  /** @return empty if it cannot be read */
  static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** @return the number that is the file's content; 0 for {@code max}, other words, or no file */
  static long number(Path file) {
    return number(text(file).strip());
  }

  static long number(String word) {
    if (word.isEmpty() || word.length() > 20) {
      return 0;
    }
    try {
      return Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** Value of a line {@code key value}; 0 if there is none. */
  static long keyed(String text, String key) {
    int from = text.startsWith(key + " ") ? 0 : text.indexOf("\n" + key + " ") + 1;
    if (from == 0 && !text.startsWith(key + " ")) {
      return 0;
    }
    int value = from + key.length() + 1;
    int end = text.indexOf('\n', value);
    return number(text.substring(value, end < 0 ? text.length() : end).strip());
  }
}
