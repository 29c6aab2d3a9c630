package dev.tallyman.log;

import java.io.IOException;

/** Takes records one by one. */
interface RecordSink {
  /** @return false when nothing that comes later is wanted */
  boolean accept(RecordReader entry) throws IOException;

  /** Passes on what was held back to make larger chunks. */
  void flush() throws IOException;
}
