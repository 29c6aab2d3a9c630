package dev.tallyman.log;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Wanted lines only, with their times if asked for. A line is decided on where it begins, so its pieces go out as they come: a prompt without
 * an end of line is shown at once.
 */
final class LineOutput implements RecordSink {
  private final LineFilter filter;
  private final boolean wantsTimestamps;
  private final byte[] details;
  private final ChunkBatch batch;
  private final LineTime time = new LineTime();
  private final boolean[] beginsLine = new boolean[2];
  private final boolean[] isShown = new boolean[2];
  private long toSkip;

  /** @param start how many lines to leave out first, and whether the first bytes of each stream begin a line */
  LineOutput(Logs.LogQuery query, Logs.LogSink sink, LogTail.Start start) {
    this.filter = LineFilter.of(query);
    this.wantsTimestamps = query.wantsTimestamps();
    this.details = query.details().getBytes(StandardCharsets.UTF_8);
    this.batch = new ChunkBatch(sink);
    this.toSkip = start.linesToSkip();
    beginsLine[0] = start.outputBeginsLine();
    beginsLine[1] = start.errorsBeginLine();
  }

  @Override
  public boolean accept(RecordReader entry) throws IOException {
    if (entry.timeNanos() > filter.untilNanos()) {
      return false;
    }
    if (!filter.wants(entry)) {
      return true;
    }
    int stream = entry.isError() ? 1 : 0;
    byte[] bytes = entry.array();
    int end = entry.offset() + entry.length();
    int from = entry.offset();
    while (from < end) {
      if (beginsLine[stream]) {
        begin(entry, stream);
      }
      int next = entry.endOfLine(from);
      beginsLine[stream] = next < end;
      next = Math.min(end, next + 1);
      if (isShown[stream]) {
        batch.add(entry.isError(), bytes, from, next - from);
      }
      from = next;
    }
    return true;
  }

  private void begin(RecordReader entry, int stream) throws IOException {
    boolean isWanted = filter.isInTime(entry.timeNanos());
    if (isWanted && toSkip > 0) {
      toSkip--;
      isWanted = false;
    }
    isShown[stream] = isWanted;
    if (isWanted && wantsTimestamps) {
      byte[] prefix = time.prefix(entry.timeNanos());
      batch.add(entry.isError(), prefix, 0, prefix.length);
    }
    if (isWanted && details.length > 0) {
      batch.add(entry.isError(), details, 0, details.length);
    }
  }

  @Override
  public void flush() throws IOException {
    batch.flush();
  }
}
