package dev.tallyman.log;

import java.io.IOException;

/** Everything of the wanted streams as it is. */
final class PlainOutput implements RecordSink {
  private final boolean wantsOutput;
  private final boolean wantsErrors;
  private final ChunkBatch batch;

  PlainOutput(Logs.LogQuery query, Logs.LogSink sink) {
    this.wantsOutput = query.wantsOutput();
    this.wantsErrors = query.wantsErrors();
    this.batch = new ChunkBatch(sink);
  }

  @Override
  public boolean accept(RecordReader entry) throws IOException {
    if (entry.isError() ? wantsErrors : wantsOutput) {
      batch.add(entry.isError(), entry.array(), entry.offset(), entry.length());
    }
    return true;
  }

  @Override
  public void flush() throws IOException {
    batch.flush();
  }
}
