package dev.tallyman.container;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The bytes of one file as a tar that holds it. A body that is shorter than announced leaves a tar that is cut, so it is refused. */
final class OneFileTar {
  private static final int BLOCK = 512;
  private static final int NAME_BYTES = 100;
  private static final long LARGEST_OCTAL = (1L << 33) - 1;

  private OneFileTar() {}

  /** @param mode permission bits; @param size exact number of bytes in the content */
  static InputStream of(String name, int mode, long size, Instant modifiedAt, InputStream content) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    if (bytes.length > NAME_BYTES) {
      // GNU's way to say a long name: an entry whose content it is.
      head.writeBytes(header("././@LongLink".getBytes(StandardCharsets.US_ASCII), 'L', 0, bytes.length + 1L, Instant.EPOCH));
      head.writeBytes(Arrays.copyOf(bytes, bytes.length + 1 + padding(bytes.length + 1L)));
    }
    head.writeBytes(header(Arrays.copyOf(bytes, Math.min(bytes.length, NAME_BYTES)), '0', mode, size, modifiedAt));
    InputStream end = new ByteArrayInputStream(new byte[padding(size) + 2 * BLOCK]);
    return new SequenceInputStream(Collections.enumeration(List.of(new ByteArrayInputStream(head.toByteArray()), content, end)));
  }

  private static int padding(long size) {
    return (int) ((BLOCK - size % BLOCK) % BLOCK);
  }

  private static byte[] header(byte[] name, char type, int mode, long size, Instant modifiedAt) {
    byte[] header = new byte[BLOCK];
    System.arraycopy(name, 0, header, 0, name.length);
    octal(header, 100, 8, mode);
    octal(header, 108, 8, 0);
    octal(header, 116, 8, 0);
    if (size <= LARGEST_OCTAL) {
      octal(header, 124, 12, size);
    } else {
      header[124] = (byte) 0x80; // GNU's base 256
      for (int i = 0; i < 8; i++) {
        header[135 - i] = (byte) (size >>> 8 * i);
      }
    }
    octal(header, 136, 12, Math.max(0, modifiedAt.getEpochSecond()));
    Arrays.fill(header, 148, 156, (byte) ' ');
    header[156] = (byte) type;
    put(header, 257, "ustar\0" + "00");
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    octal(header, 148, 7, sum);
    return header;
  }

  private static void octal(byte[] header, int at, int length, long value) {
    put(header, at, String.format(Locale.ROOT, "%0" + (length - 1) + "o\0", value));
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
