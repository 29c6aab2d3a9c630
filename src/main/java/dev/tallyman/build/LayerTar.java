package dev.tallyman.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes an archive, ustar with pax records (pax(1)) for what does not fit: the same entries give the same bytes on any machine. There are no
 * names of users, no times but the one of the last change, and records in the order of their keys.
 */
final class LayerTar {
  private static final int NAME_BYTES = 100;
  private static final long LARGEST_ID = 07777777;
  private static final long LARGEST_NUMBER = 077777777777L;
  private static final String ATTRIBUTE = "SCHILY.xattr.";

  private final OutputStream out;

  /**
   * What an entry is.
   *
   * @param path below the root; of a directory with a slash at its end
   * @param type 0 for a file, 1 for another name of one, 2 for a symbolic link, 5 for a directory, 6 for a named pipe
   * @param link target, empty for other types
   * @param attributes extended ones by name, their bytes as characters of ISO 8859-1
   */
  record Head(String path, char type, String link, long size, int mode, long uid, long gid, long mtimeSeconds, Map<String, String> attributes) {}

  LayerTar(OutputStream out) {
    this.out = out;
  }

  /** Its bytes follow with {@link #content}. */
  void entry(Head head) throws IOException {
    byte[] path = head.path().getBytes(StandardCharsets.UTF_8);
    byte[] link = head.link().getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (Map.Entry<String, String> each : new TreeMap<>(head.attributes()).entrySet()) {
      record(records, ATTRIBUTE + each.getKey(), each.getValue().getBytes(StandardCharsets.ISO_8859_1));
    }
    number(records, "gid", head.gid(), LARGEST_ID);
    text(records, "linkpath", link);
    number(records, "mtime", head.mtimeSeconds(), LARGEST_NUMBER);
    text(records, "path", path);
    number(records, "size", head.size(), LARGEST_NUMBER);
    number(records, "uid", head.uid(), LARGEST_ID);
    if (records.size() > 0) {
      block(new Head("", 'x', "", records.size(), 0644, 0, 0, 0, Map.of()), "pax".getBytes(StandardCharsets.UTF_8), new byte[0]);
      records.writeTo(out);
      pad(records.size());
    }
    block(head, path, link);
  }

  void content(InputStream in, long size) throws IOException {
    if (in.transferTo(out) != size) {
      throw new IOException("a file has not the size that its entry tells");
    }
    pad(size);
  }

  /** Ends the archive; the stream stays open. */
  void finish() throws IOException {
    out.write(new byte[2 * TarBlock.BYTES]);
    out.flush();
  }

  private void pad(long size) throws IOException {
    out.write(new byte[(int) ((TarBlock.BYTES - size % TarBlock.BYTES) % TarBlock.BYTES)]);
  }

  private static boolean fits(byte[] text) {
    for (byte each : text) {
      if (each < ' ') {
        return false;
      }
    }
    return text.length <= NAME_BYTES;
  }

  private static void text(ByteArrayOutputStream records, String key, byte[] text) {
    if (!fits(text)) {
      record(records, key, text);
    }
  }

  private static void number(ByteArrayOutputStream records, String key, long number, long largest) {
    if (number < 0 || number > largest) {
      record(records, key, Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }
  }

  /** {@code <length> <key>=<value>\n}, where the length counts its own digits. */
  private static void record(ByteArrayOutputStream records, String key, byte[] value) {
    int rest = key.length() + value.length + 3;
    int length = rest + 1;
    while (rest + Integer.toString(length).length() != length) {
      length++;
    }
    records.writeBytes((length + " " + key + "=").getBytes(StandardCharsets.UTF_8));
    records.writeBytes(value);
    records.write('\n');
  }

  private void block(Head head, byte[] path, byte[] link) throws IOException {
    byte[] block = new byte[TarBlock.BYTES];
    name(block, 0, path);
    TarBlock.octal(block, 100, 8, head.mode());
    TarBlock.octal(block, 108, 8, head.uid() > LARGEST_ID ? 0 : head.uid());
    TarBlock.octal(block, 116, 8, head.gid() > LARGEST_ID ? 0 : head.gid());
    TarBlock.octal(block, 124, 12, head.size() > LARGEST_NUMBER ? 0 : head.size());
    TarBlock.octal(block, TarBlock.MTIME, TarBlock.MTIME_LENGTH, head.mtimeSeconds() > LARGEST_NUMBER ? 0 : Math.max(0, head.mtimeSeconds()));
    block[156] = (byte) head.type();
    name(block, 157, link);
    System.arraycopy("ustar\00000".getBytes(StandardCharsets.US_ASCII), 0, block, 257, 8);
    TarBlock.seal(block);
    out.write(block);
  }

  /** As much of it as has room; no character is cut. */
  private static void name(byte[] block, int offset, byte[] text) {
    int length = Math.min(text.length, NAME_BYTES);
    while (length < text.length && length > 0 && (text[length] & 0xc0) == 0x80) {
      length--;
    }
    System.arraycopy(text, 0, block, offset, length);
  }
}
