package dev.tallyman.log;

import dev.tallyman.log.Logs.LogQuery;
import dev.tallyman.log.Logs.LogSink;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** One reading of a container's log, from its beginning to the end or to the end of the container. */
final class LogReading {
  private final LogFolder folder;
  private final LogQuery query;
  private final LogSink sink;

  LogReading(LogFolder folder, LogQuery query, LogSink sink) {
    this.folder = folder;
    this.query = query;
    this.sink = sink;
  }

  /** Sends what is there now. */
  void readAll() throws IOException {
    List<LogFile> files = folder.open();
    try {
      List<Long> ends = sizes(files);
      LogTail.Start start = start(files, ends);
      RecordSink output = output(start);
      for (int i = start.file(); i < files.size() && !sink.isClosed(); i++) {
        if (!copy(new RecordReader(files.get(i), start.positionIn(i), ends.get(i)), output)) {
          break;
        }
      }
      output.flush();
    } finally {
      LogFolder.closeAll(files);
    }
  }

  /**
   * Sends what is there and then what comes.
   *
   * @param hasEnded true once nothing more will be written
   */
  void follow(LogWatch.Watch watch, BooleanSupplier hasEnded) throws IOException {
    List<LogFile> files = new ArrayList<>(openBegun(watch, hasEnded));
    try {
      if (files.isEmpty()) {
        return;
      }
      LogTail.Start start = start(files, sizes(files));
      RecordSink output = output(start);
      for (int i = 0; i < files.size() - 1; i++) {
        if (i >= start.file() && !copy(new RecordReader(files.get(i), start.positionIn(i), Long.MAX_VALUE), output)) {
          output.flush();
          return;
        }
        files.get(i).close(); // a rotation deletes it sooner or later; an open file would keep its space as long as somebody follows
      }
      followNewest(files, start, output, watch, hasEnded);
      output.flush();
    } finally {
      LogFolder.closeAll(files);
    }
  }

  /** A container runs a moment before its monitor begins the log. */
  private List<LogFile> openBegun(LogWatch.Watch watch, BooleanSupplier hasEnded) throws IOException {
    while (true) {
      boolean isLastLook = hasEnded.getAsBoolean();
      List<LogFile> files = folder.open();
      if (!files.isEmpty() || isLastLook || sink.isClosed() || isPastUntil()) {
        return files;
      }
      sink.flush();
      await(watch);
    }
  }

  private void followNewest(List<LogFile> files, LogTail.Start start, RecordSink output, LogWatch.Watch watch, BooleanSupplier hasEnded) throws IOException {
    LogFile current = files.get(files.size() - 1);
    RecordReader reader = new RecordReader(current, start.positionIn(files.size() - 1), Long.MAX_VALUE);
    while (!sink.isClosed()) {
      boolean isLastLook = hasEnded.getAsBoolean();
      Optional<LogFile> next = folder.after(current);
      next.ifPresent(files::add);
      // read after asking for the end and for the successor: whatever was written before either of them is seen
      if (!copy(reader, output)) {
        return;
      }
      if (next.isPresent()) {
        current.close();
        files.remove(current);
        current = next.get();
        reader = new RecordReader(current, 0, Long.MAX_VALUE);
      } else if (isLastLook || isPastUntil()) {
        return;
      } else {
        output.flush();
        await(watch);
      }
    }
  }

  private boolean isPastUntil() {
    Instant until = query.until();
    return until != null && Instant.now().isAfter(until);
  }

  private static void await(LogWatch.Watch watch) throws IOException {
    try {
      watch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while following a log");
    }
  }

  private boolean copy(RecordReader reader, RecordSink output) throws IOException {
    while (reader.next()) {
      if (!output.accept(reader) || sink.isClosed()) {
        return false;
      }
    }
    return true;
  }

  private static List<Long> sizes(List<LogFile> files) throws IOException {
    List<Long> sizes = new ArrayList<>();
    for (LogFile each : files) {
      sizes.add(each.channel().size());
    }
    return sizes;
  }

  private LogTail.Start start(List<LogFile> files, List<Long> ends) throws IOException {
    return query.tail() < 0 ? LogTail.Start.ofAll() : LogTail.find(files, ends, LineFilter.of(query), query.tail());
  }

  private RecordSink output(LogTail.Start start) {
    boolean isPlain = query.tail() < 0 && query.since() == null && query.until() == null && !query.wantsTimestamps() && query.details().isEmpty();
    return isPlain ? new PlainOutput(query, sink) : new LineOutput(query, sink, start);
  }
}
