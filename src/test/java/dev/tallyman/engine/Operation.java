package dev.tallyman.engine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One of the core operations of the Engine API: a line of {@code operations.txt}.
 *
 * @param name method and path, such as {@code GET /containers/{id}/json}
 * @param works false if the server refuses it, whatever is asked
 * @param differences from dockerd; empty if there are none to tell
 */
record Operation(String family, String name, boolean works, String differences) {
  static List<Operation> all() throws IOException {
    try (InputStream in = Operation.class.getResourceAsStream("/engine/operations.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().filter(line -> !line.isBlank()).map(Operation::read).toList();
    }
  }

  private static Operation read(String line) {
    List<String> parts = Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
    if (parts.size() != 4 || !List.of("works", "refused").contains(parts.get(2))) {
      throw new IllegalArgumentException("not family | operation | works or refused | differences: " + line);
    }
    return new Operation(parts.get(0), parts.get(1), parts.get(2).equals("works"), parts.get(3));
  }

  String method() {
    return name.substring(0, name.indexOf(' '));
  }

  String path() {
    return name.substring(name.indexOf(' ') + 1);
  }

  /** True if the call is one of this operation and was answered as the list says. */
  boolean isShownBy(EngineClient.Call call) {
    boolean isAnswered = works ? call.status() < 300 || call.status() == 304 : call.status() == 501 || call.status() == 503;
    return isAnswered && call.method().equals(method()) && matches(call.path());
  }

  /** @param asked with or without version and query */
  private boolean matches(String asked) {
    String plain = asked.replaceFirst("\\?.*", "").replaceFirst("^/v[0-9.]+/", "/");
    String pattern = Pattern.quote(path()).replace("{id}", "\\E[^/]+\\Q").replace("{name}", "\\E.+\\Q");
    return plain.matches(pattern);
  }
}
