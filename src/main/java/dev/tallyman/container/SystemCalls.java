package dev.tallyman.container;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names of system calls and their numbers on this machine. */
final class SystemCalls {
  /** Known, but not on this machine. */
  static final int ELSEWHERE = -1;

  /** As Docker names this machine's architecture. */
  static final String ARCHITECTURE = System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";

  private static final Map<String, Integer> NUMBERS = read();

  private SystemCalls() {}

  /** @return null for a name that no architecture has */
  static @Nullable Integer number(String name) {
    return NUMBERS.get(name);
  }

  private static Map<String, Integer> read() {
    Map<String, Integer> numbers = new HashMap<>();
    int column = ARCHITECTURE.equals("arm64") ? 2 : 1;
    try (InputStream in = SystemCalls.class.getResourceAsStream("system-calls.txt");
        BufferedReader lines = new BufferedReader(new InputStreamReader(java.util.Objects.requireNonNull(in), StandardCharsets.US_ASCII))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] words = line.split(" ");
          numbers.put(words[0], words[column].equals("-") ? ELSEWHERE : Integer.parseInt(words[column]));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.copyOf(numbers);
  }
}
