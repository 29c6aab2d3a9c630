package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeSet;

/**
 * Finds a place near the end of a log file where a record begins, without reading the file from its beginning. Each place of a stretch that
 * is longer than the longest record and could be the beginning of one is taken for it, and what follows is walked through; only walks that
 * arrive exactly at the end count, and the true one is among them. A container can write bytes that look like records; then several walks
 * arrive, and the place is where all of them have met. Where that is the end only, nothing is known and the caller reads more.
 */
final class RecordSearch {
  static final int LONGEST_RECORD_BYTES = RecordReader.HEADER_BYTES + RecordReader.CHUNK_MAX_BYTES;

  private static final int STREAM_AT = 8;
  private static final int LENGTH_AT = 12;

  /** Every header has this many bytes that are 0 one after the other: the last three of the stream's word and the first of the length. */
  private static final int ZEROS = 4;
  private static final int ZEROS_AT = STREAM_AT + 1;

  private static final byte NONE = 0;
  private static final byte ARRIVES = 1;
  private static final byte CUT = 2; // the record goes on behind the end: torn, or being written

  private final byte[] bytes;
  private final int end;
  private final byte[] fate; // how a walk ends that begins at a byte
  private int[] starts = new int[64]; // those whose walks arrive or are cut, the last one first
  private int count;

  private RecordSearch(byte[] bytes) {
    this.bytes = bytes;
    this.end = bytes.length;
    this.fate = new byte[end + 1];
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
    int found = new RecordSearch(bytes.array()).meeting();
    return found < count ? end - count + found : 0;
  }

  /** @return the first place that all walks pass; the number of bytes if there is none before */
  private int meeting() {
    walk();
    TreeSet<Integer> walks = new TreeSet<>();
    for (int i = count - 1; i >= 0 && starts[i] < LONGEST_RECORD_BYTES; i--) {
      if (fate[starts[i]] == CUT) {
        return end; // perhaps the true one: the file ends within a record
      }
      walks.add(starts[i]);
    }
    while (walks.size() > 1) {
      walks.add(next(walks.pollFirst()));
    }
    return walks.isEmpty() ? end : walks.first();
  }

  /** Finds the fate of each byte, from the end back. Output has few zeros, so most of it is passed over four bytes at a time. */
  private void walk() {
    fate[end] = ARRIVES;
    for (int at = end - 1; at > end - RecordReader.HEADER_BYTES; at--) {
      add(at, CUT);
    }
    for (int zero = (end - 1) / ZEROS * ZEROS; zero >= ZEROS_AT; zero -= ZEROS) {
      if (bytes[zero] == 0) {
        for (int before = 0; before < ZEROS && zero - before >= ZEROS_AT; before++) {
          look(zero - before - ZEROS_AT);
        }
      }
    }
  }

  private void look(int at) {
    if (at + RecordReader.HEADER_BYTES <= end && isHeader(at)) {
      int next = next(at);
      add(at, next > end ? CUT : fate[next]);
    }
  }

  private void add(int at, byte how) {
    if (how == NONE) {
      return;
    }
    fate[at] = how;
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
    }
    starts[count++] = at;
  }

  private boolean isHeader(int at) {
    int stream = bytes[at + STREAM_AT];
    int length = length(at);
    return (stream == 1 || stream == 2) && bytes[at + STREAM_AT + 1] == 0 && bytes[at + STREAM_AT + 2] == 0 && bytes[at + STREAM_AT + 3] == 0
        && length >= 0 && length <= RecordReader.CHUNK_MAX_BYTES;
  }

  private int length(int at) {
    return (bytes[at + LENGTH_AT] & 0xff) << 24 | (bytes[at + LENGTH_AT + 1] & 0xff) << 16 | (bytes[at + LENGTH_AT + 2] & 0xff) << 8 | bytes[at + LENGTH_AT + 3] & 0xff;
  }

  /** Where the record ends that begins at a byte. */
  private int next(int at) {
    return at + RecordReader.HEADER_BYTES + length(at);
  }
}
