package dev.tallyman.kernel.helper;

import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows that FILES_STAT and FILES_GET write: {@code mode size seconds nanoseconds uid gid}, name and link, each with a NUL behind it.
 * Once the reader wants no more rows, what follows is passed on.
 */
final class FileRows extends OutputStream {
  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,10}) (\\d{1,19}) (-?\\d{1,19}) (\\d{1,9}) (\\d{1,10}) (\\d{1,10})");
  /** Two paths and some numbers. */
  private static final int ROW_BYTES_MAX = 3 * 4096;

  private final Predicate<FileRow> reader;
  private final @Nullable OutputStream rest;
  private final ByteArrayOutputStream row = new ByteArrayOutputStream();
  private int fields;
  private boolean isRead;

  /**
   * @param reader false = no more rows
   * @param rest takes what comes behind the rows; absent = it is thrown away
   */
  FileRows(Predicate<FileRow> reader, @Nullable OutputStream rest) {
    this.reader = reader;
    this.rest = rest;
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    int end = offset + length;
    while (at < end && !isRead) {
      take(bytes[at++]);
    }
    if (at < end && rest != null) {
      rest.write(bytes, at, end - at);
    }
  }

  private void take(byte next) {
    row.write(next);
    if (row.size() > ROW_BYTES_MAX) {
      throw new MalformedReplyException("a row about a file is too long");
    }
    if (next == 0 && ++fields == 3) {
      isRead = !reader.test(parse(row.toByteArray()));
      row.reset();
      fields = 0;
    }
  }

  /** Names may be any bytes; what is not UTF-8 is shown as such. */
  static FileRow parse(byte[] bytes) {
    String[] parts = new String(bytes, StandardCharsets.UTF_8).split("\0", -1);
    Matcher numbers = NUMBERS.matcher(parts[0]);
    if (parts.length != 4 || !numbers.matches()) {
      throw new MalformedReplyException("a row about a file is malformed");
    }
    Instant modifiedAt = Instant.ofEpochSecond(Long.parseLong(numbers.group(3)), Long.parseLong(numbers.group(4)));
    return new FileRow(
        parts[1], Long.parseLong(numbers.group(2)), (int) Long.parseLong(numbers.group(1)), modifiedAt, (int) Long.parseLong(numbers.group(5)),
        (int) Long.parseLong(numbers.group(6)), parts[2]);
  }

  @Override
  public void flush() throws IOException {
    if (rest != null) {
      rest.flush();
    }
  }
}
