package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.TreeSet;

/**
 * Finds a place near the end of a log file where a record begins, without reading the file from its beginning. Each byte of a stretch that
 * is longer than the longest record is taken for the beginning of one, and what follows is walked through; only walks that arrive exactly at
 * the end count, and the true one is among them. A container can write bytes that look like records; then several walks arrive, and the place
 * is where all of them have met. Where that is the end only, nothing is known and the caller reads more.
 */
final class RecordSearch {
  static final int LONGEST_RECORD_BYTES = RecordReader.HEADER_BYTES + RecordReader.CHUNK_MAX_BYTES;

  private static final int CUT = -1; // the record goes on behind the end: torn, or being written
  private static final int NONE = -2;

  private final ByteBuffer bytes;

  private RecordSearch(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * @param end where a record ends, or the end of the file
   * @param count how many bytes before the end are looked at; more than {@link #LONGEST_RECORD_BYTES}
   * @return where a record begins, after end - count and before end; 0 when that cannot be told
   */
  static long startBefore(LogFile file, long end, int count) throws IOException {
    if (end <= count) {
      return 0;
    }
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (file.channel().read(bytes, end - count + bytes.position()) <= 0) {
        return 0;
      }
    }
    int found = new RecordSearch(bytes).meeting();
    return found < count ? end - count + found : 0;
  }

  /** @return the first place that all walks pass; the number of bytes if there is none before */
  private int meeting() {
    int end = bytes.capacity();
    byte[] fate = fates();
    TreeSet<Integer> walks = new TreeSet<>();
    for (int at = 0; at < LONGEST_RECORD_BYTES; at++) {
      if (fate[at] == CUT) {
        return end; // perhaps the true one: the file ends within a record
      }
      if (fate[at] == 1) {
        walks.add(at);
      }
    }
    while (walks.size() > 1) {
      walks.add(next(walks.pollFirst()));
    }
    return walks.isEmpty() ? end : walks.first();
  }

  /** For each byte, how a walk that begins there ends: 1 exactly at the end, CUT, or NONE. */
  private byte[] fates() {
    int end = bytes.capacity();
    byte[] fate = new byte[end + 1];
    fate[end] = 1;
    for (int at = end - 1; at >= 0; at--) {
      int next = next(at);
      fate[at] = next < 0 ? (byte) next : fate[next];
    }
    return fate;
  }

  /** Where the record ends that begins at a byte. */
  private int next(int at) {
    int room = bytes.capacity() - at;
    if (room < RecordReader.HEADER_BYTES) {
      return CUT;
    }
    int stream = bytes.getInt(at + 8);
    int length = bytes.getInt(at + 12);
    if ((stream != 0x01000000 && stream != 0x02000000) || length < 0 || length > RecordReader.CHUNK_MAX_BYTES) {
      return NONE;
    }
    int next = at + RecordReader.HEADER_BYTES + length;
    return next > bytes.capacity() ? CUT : next;
  }
}
