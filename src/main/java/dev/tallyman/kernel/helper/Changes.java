package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Sandboxes.Change;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the helper's list of changed paths: {@code A /path} with a NUL behind each. */
final class Changes {
  private Changes() {}

  /** @throws MalformedReplyException when an entry is neither A, C nor D with an absolute path */
  static List<Change> parse(byte[] bytes) {
    List<Change> changes = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        String entry = new String(bytes, from, i - from, StandardCharsets.UTF_8);
        if (entry.length() < 3 || "ACD".indexOf(entry.charAt(0)) < 0 || entry.charAt(1) != ' ' || entry.charAt(2) != '/') {
          throw new MalformedReplyException("a change is malformed");
        }
        changes.add(new Change(entry.charAt(0), entry.substring(2)));
        from = i + 1;
      }
    }
    return changes;
  }
}
