package dev.tallyman.log;

import dev.tallyman.log.forward.Line;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes lines of records, for each stream. A line that is longer than {@link #LONGEST_BYTES} comes in pieces, as dockerd's do. */
final class LineAssembly {
  static final int LONGEST_BYTES = 16 << 10;

  private final Open[] open = {new Open(), new Open()};

  /** A line whose end has not come. */
  private static final class Open {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(0);
    private long timeNanos;
    private ForwardCursor.@Nullable Spot from;
  }

  /** @param spot where the record begins */
  void add(RecordReader entry, ForwardCursor.Spot spot, List<Line> to) {
    Open line = open[entry.isError() ? 1 : 0];
    byte[] bytes = entry.array();
    int end = entry.offset() + entry.length();
    for (int at = entry.offset(); at < end; at++) {
      if (line.from == null) {
        line.from = spot;
        line.timeNanos = entry.timeNanos();
      }
      if (bytes[at] == '\n') {
        close(line, entry.isError(), false, to);
      } else {
        line.bytes.write(bytes[at]);
        if (line.bytes.size() == LONGEST_BYTES) {
          close(line, entry.isError(), true, to);
        }
      }
    }
  }

  private static void close(Open line, boolean isError, boolean isPartial, List<Line> to) {
    byte[] bytes = line.bytes.toByteArray();
    int length = !isPartial && bytes.length > 0 && bytes[bytes.length - 1] == '\r' ? bytes.length - 1 : bytes.length;
    to.add(new Line(isError, line.timeNanos, length == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, length), isPartial));
    line.bytes.reset();
    line.from = null;
  }

  /** Where the earliest line begins that has not ended; null if there is none. */
  ForwardCursor.@Nullable Spot openSince() {
    ForwardCursor.Spot output = open[0].from;
    ForwardCursor.Spot errors = open[1].from;
    return output == null || (errors != null && errors.isBefore(output)) ? errors : output;
  }

  /** Ends the lines that have begun: nothing more comes, or it takes too long. */
  void finish(List<Line> to) {
    for (int stream = 0; stream < 2; stream++) {
      if (open[stream].from != null) {
        close(open[stream], stream == 1, false, to);
      }
    }
  }

  void forget() {
    for (Open each : open) {
      each.bytes.reset();
      each.from = null;
    }
  }
}
