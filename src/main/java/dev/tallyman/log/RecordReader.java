package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Walks through the records of a log file (format: tallyman_protocol.h). A record that is not whole yet, or was torn by a power cut, is not
 * there. For one thread; several readers may share a file.
 */
final class RecordReader {
  static final int HEADER_BYTES = 16;
  static final int CHUNK_MAX_BYTES = 65536;
  private static final int BUFFER_BYTES = 256 << 10;

  private final FileChannel channel;
  private final ByteBuffer buffer;
  private long filePosition;
  private final long end;
  private long timeNanos;
  private boolean isError;
  private int payloadOffset;
  private int payloadLength;
  private @Nullable String text; // the payload's bytes as characters, once it was searched

  /**
   * @param from where a record begins
   * @param end reads no further than this byte
   */
  RecordReader(LogFile file, long from, long end) {
    this.channel = file.channel();
    this.filePosition = from;
    this.end = end;
    this.buffer = ByteBuffer.allocate((int) Math.min(Math.max(0, end - from), BUFFER_BYTES)).limit(0);
  }

  /** @return false when there is no further whole record now */
  boolean next() throws IOException {
    if (!fill(HEADER_BYTES)) {
      return false;
    }
    int at = buffer.position();
    int stream = buffer.get(at + 8);
    int length = buffer.getInt(at + 12);
    if (length < 0 || length > CHUNK_MAX_BYTES || (stream != 1 && stream != 2)) {
      return false; // no record: bytes of a torn one
    }
    if (!fill(HEADER_BYTES + length)) {
      return false;
    }
    at = buffer.position();
    timeNanos = buffer.getLong(at);
    isError = stream == 2;
    payloadOffset = at + HEADER_BYTES;
    payloadLength = length;
    text = null;
    buffer.position(payloadOffset + length);
    return true;
  }

  private boolean fill(int wanted) throws IOException {
    if (buffer.remaining() >= wanted) {
      return true;
    }
    buffer.compact();
    try {
      while (buffer.position() < wanted) {
        long room = Math.min(buffer.remaining(), end - filePosition);
        if (room <= 0) {
          return false;
        }
        buffer.limit(buffer.position() + (int) room);
        int count = channel.read(buffer, filePosition);
        buffer.limit(buffer.capacity());
        if (count <= 0) {
          return false;
        }
        filePosition += count;
      }
      return true;
    } finally {
      buffer.flip();
    }
  }

  long timeNanos() {
    return timeNanos;
  }

  boolean isError() {
    return isError;
  }

  /** Holds the payload until the next call of {@link #next()}. */
  byte[] array() {
    return buffer.array();
  }

  int offset() {
    return payloadOffset;
  }

  int length() {
    return payloadLength;
  }

  /**
   * Where the next line feed is: the virtual machine has instructions for that search in a string, and its own start has them compiled.
   *
   * @param from a place in {@link #array()}
   * @return the payload's end if there is none
   */
  int endOfLine(int from) {
    String searched = text;
    if (searched == null) {
      searched = new String(buffer.array(), payloadOffset, payloadLength, StandardCharsets.ISO_8859_1);
      text = searched;
    }
    int found = searched.indexOf('\n', from - payloadOffset);
    return payloadOffset + (found < 0 ? payloadLength : found);
  }
}
