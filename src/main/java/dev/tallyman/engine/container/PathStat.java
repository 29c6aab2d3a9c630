package dev.tallyman.engine.container;

import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.Times;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A file as the header of the archive operations tells it. */
final class PathStat {
  private static final int KIND = 0170000;

  private PathStat() {}

  /** Base64 of JSON, as Docker sends it. */
  static String header(FileRow row) {
    String json =
        Json.object()
            .put("name", row.name())
            .put("size", row.size())
            .put("mode", mode(row.mode()))
            .put("mtime", Times.text(row.modifiedAt()))
            .put("linkTarget", row.link())
            .toString();
    return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  /** st_mode as Go's os.FileMode, which has bits of its own for everything but the permissions. */
  static long mode(int unix) {
    long kind =
        switch (unix & KIND) {
          case 0040000 -> 1L << 31;
          case 0120000 -> 1L << 27;
          case 0060000 -> 1L << 26;
          case 0020000 -> 1L << 26 | 1L << 21;
          case 0010000 -> 1L << 25;
          case 0140000 -> 1L << 24;
          default -> 0;
        };
    return kind | bit(unix, 04000, 23) | bit(unix, 02000, 22) | bit(unix, 01000, 20) | unix & 0777;
  }

  private static long bit(int unix, int from, int to) {
    return (unix & from) == 0 ? 0 : 1L << to;
  }
}
