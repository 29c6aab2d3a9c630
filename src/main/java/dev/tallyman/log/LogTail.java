package dev.tallyman.log;

import java.io.IOException;
import java.util.List;

/**
 * Finds where the last N lines begin. Parts of files are counted from the newest back until enough lines are certain, so the tail of a large
 * log is cheap. A line may begin in one part and end in the next, and the two streams do so independently; hence only lines count of which that is
 * known, and those behind the first bytes of either stream of which it is not.
 */
final class LogTail {
  /** The first part is half as long again as the longest record and holds the last lines of nearly every log; from there on they grow, so that many need few. */
  private static final int FIRST_PART_BYTES = 96 << 10;
  private static final int GROWTH = 4;
  private static final int LARGEST_PART_BYTES = 4 << 20;

  private final LineFilter filter;
  private int partBytes = FIRST_PART_BYTES;
  private final boolean[] isOpen = new boolean[2]; // a newer part begins with bytes that may begin a line, or go on with one
  private final boolean[] isOpenWanted = new boolean[2];
  private long lines;
  private long certainLines; // those behind all bytes of which it is not known whether they begin a line
  private boolean isSettled; // no part newer than the last counted one has bytes of which that is unknown

  private LogTail(LineFilter filter) {
    this.filter = filter;
  }

  /**
   * @param file index of the file to begin with
   * @param position byte in it, where a record begins
   * @param outputBeginsLine false if the first bytes of stdout may be the end of a line that is not wanted; errorsBeginLine likewise
   */
  record Start(int file, long position, long linesToSkip, boolean outputBeginsLine, boolean errorsBeginLine) {
    static Start ofAll() {
      return new Start(0, 0, 0, true, true);
    }

    long positionIn(int index) {
      return index == file ? position : 0;
    }
  }

  /** @param ends byte up to which each file is read; oldest file first, as in files */
  static Start find(List<LogFile> files, List<Long> ends, LineFilter filter, long wanted) throws IOException {
    LogTail tail = new LogTail(filter);
    for (int i = files.size() - 1; i >= 0; i--) {
      for (long end = ends.get(i), from = -1; from != 0; end = from) {
        from = tail.partBefore(files.get(i), end);
        tail.count(new RecordReader(files.get(i), from, end));
        if (tail.isSettled && tail.certainLines >= wanted) {
          return new Start(i, from, tail.lines - wanted, !tail.isOpen[0], !tail.isOpen[1]);
        }
      }
    }
    tail.closeStream(0, true);
    tail.closeStream(1, true);
    return new Start(0, 0, Math.max(0, tail.lines - wanted), true, true);
  }

  private long partBefore(LogFile file, long end) throws IOException {
    long from = RecordSearch.startBefore(file, end, partBytes);
    partBytes = Math.min(partBytes * GROWTH, LARGEST_PART_BYTES);
    return from;
  }

  /** Counts the lines that begin in a part. Whether its first bytes begin one is known when the part before it is counted. */
  private void count(RecordReader reader) throws IOException {
    boolean[] hasBytes = new boolean[2];
    boolean[] beginsLine = new boolean[2];
    boolean[] isFirstWanted = new boolean[2];
    long found = 0;
    long foundBefore = 0; // the last first bytes
    while (reader.next()) {
      if (reader.length() == 0 || !filter.wants(reader)) {
        continue;
      }
      int stream = reader.isError() ? 1 : 0;
      boolean isWanted = filter.isInTime(reader.timeNanos());
      if (!hasBytes[stream]) {
        hasBytes[stream] = true;
        isFirstWanted[stream] = isWanted;
        foundBefore = found;
      } else if (beginsLine[stream] && isWanted) {
        found++;
      }
      int last = reader.offset() + reader.length() - 1;
      beginsLine[stream] = reader.array()[last] == '\n';
      if (isWanted) {
        found += innerLines(reader, last);
      }
    }
    isSettled = true;
    for (int stream = 0; stream < 2; stream++) {
      if (hasBytes[stream]) {
        closeStream(stream, beginsLine[stream]);
        isOpenWanted[stream] = isFirstWanted[stream];
      } else if (isOpen[stream]) {
        isSettled = false;
      }
    }
    certainLines = lines + found - foundBefore;
    lines += found;
    isOpen[0] |= hasBytes[0];
    isOpen[1] |= hasBytes[1];
  }

  private static long innerLines(RecordReader reader, int last) {
    long found = 0;
    for (int i = reader.endOfLine(reader.offset()); i < last; i = reader.endOfLine(i + 1)) {
      found++;
    }
    return found;
  }

  private void closeStream(int stream, boolean beginsLine) {
    if (isOpen[stream] && isOpenWanted[stream] && beginsLine) {
      lines++;
    }
    isOpen[stream] = false;
  }
}
