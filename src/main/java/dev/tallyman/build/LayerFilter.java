package dev.tallyman.build;

import dev.tallyman.build.MountPlaces.Fate;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Copies a layer that the kernel part wrote, entry by entry with all that is in them, without what was made for mounts only. No time of change is
 * later than a given one.
 */
final class LayerFilter {
  private static final int BLOCK_BYTES = TarBlock.BYTES;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int EXTENSION_MAX_BYTES = 1 << 20;

  private final Function<Entry, Fate> fates;
  private final long latestSeconds;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final Map<String, byte[]> pending = new LinkedHashMap<>();

  /** What decides about an entry. @param path absolute, without a slash in the end */
  record Entry(String path, boolean isDirectory, boolean isEmptyFile, int mode, long uid, long gid) {}

  /** @param latestSeconds since 1970 */
  LayerFilter(Function<Entry, Fate> fates, long latestSeconds) {
    this.fates = fates;
    this.latestSeconds = latestSeconds;
  }

  /** @throws IOException when the layer ends early or is damaged, as a failed reading of it shows */
  void copy(InputStream layer, OutputStream out) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    Map<String, String> extension = new HashMap<>();
    byte[] block;
    while ((block = block(layer)) != null) {
      if (number(block, TarBlock.MTIME, TarBlock.MTIME_LENGTH) > latestSeconds) {
        TarBlock.octal(block, TarBlock.MTIME, TarBlock.MTIME_LENGTH, latestSeconds);
        TarBlock.seal(block);
      }
      head.writeBytes(block);
      char type = (char) (block[156] & 0xff);
      if (type == 'x') {
        readExtension(layer, number(block, 124, 12), head, extension);
        continue;
      }
      long size = extension.containsKey("size") ? Long.parseLong(extension.get("size")) : type == '0' || type == '\0' ? number(block, 124, 12) : 0;
      Entry entry = entry(block, type, size, extension);
      pass(entry, head.toByteArray(), layer, padded(size), out);
      head.reset();
      extension.clear();
    }
    out.write(new byte[2 * BLOCK_BYTES]);
    layer.transferTo(OutputStream.nullOutputStream());
  }

  private void pass(Entry entry, byte[] head, InputStream layer, long bytes, OutputStream out) throws IOException {
    Fate fate = fates.apply(entry);
    if (fate == Fate.KEPT) {
      writePending(entry.path(), out);
      out.write(head);
      move(layer, bytes, out);
    } else {
      if (fate == Fate.PENDING) {
        pending.put(entry.path(), head);
      }
      move(layer, bytes, null);
    }
  }

  /** Directories above a path come before it. */
  private void writePending(String path, OutputStream out) throws IOException {
    Iterator<Map.Entry<String, byte[]>> all = pending.entrySet().iterator();
    while (all.hasNext()) {
      Map.Entry<String, byte[]> each = all.next();
      if (path.startsWith(each.getKey() + "/")) {
        out.write(each.getValue());
        all.remove();
      }
    }
  }

  private void move(InputStream in, long bytes, @Nullable OutputStream out) throws IOException {
    for (long left = bytes; left > 0; ) {
      int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new EOFException("the layer ends early");
      }
      if (out != null) {
        out.write(buffer, 0, count);
      }
      left -= count;
    }
  }

  private static byte @Nullable [] block(InputStream in) throws IOException {
    byte[] block = in.readNBytes(BLOCK_BYTES);
    if (block.length == 0) {
      return null;
    }
    if (block.length < BLOCK_BYTES) {
      throw new EOFException("the layer ends early");
    }
    for (byte each : block) {
      if (each != 0) {
        return block;
      }
    }
    return null;
  }

  private static Entry entry(byte[] block, char type, long size, Map<String, String> extension) throws IOException {
    String prefix = text(block, 345, 155);
    String name = extension.getOrDefault("path", prefix.isEmpty() ? text(block, 0, 100) : prefix + "/" + text(block, 0, 100));
    String path = "/" + CopySources.clean(name);
    long uid = extension.containsKey("uid") ? Long.parseLong(extension.get("uid")) : number(block, 108, 8);
    long gid = extension.containsKey("gid") ? Long.parseLong(extension.get("gid")) : number(block, 116, 8);
    return new Entry(path, type == '5', (type == '0' || type == '\0') && size == 0, (int) number(block, 100, 8) & 07777, uid, gid);
  }

  /** Records {@code <length> <key>=<value>\n} (pax(1)). */
  private static void readExtension(InputStream in, long size, ByteArrayOutputStream head, Map<String, String> extension) throws IOException {
    if (size > EXTENSION_MAX_BYTES) {
      throw new IOException("an extension record of the layer is too large");
    }
    byte[] bytes = in.readNBytes((int) padded(size));
    if (bytes.length < padded(size)) {
      throw new EOFException("the layer ends early");
    }
    head.writeBytes(bytes);
    String text = new String(bytes, 0, Math.min((int) size, bytes.length), StandardCharsets.ISO_8859_1);
    for (int at = 0; at < text.length(); ) {
      int space = text.indexOf(' ', at);
      int end = space < 0 ? -1 : at + Integer.parseInt(text.substring(at, space));
      int equals = text.indexOf('=', at);
      if (end <= at || end > text.length() || equals < 0 || equals >= end) {
        throw new IOException("an extension record of the layer is damaged");
      }
      String value = new String(text.substring(equals + 1, end - 1).getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
      extension.put(text.substring(space + 1, equals), value);
      at = end;
    }
  }

  private static long padded(long size) {
    return (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
  }

  private static String text(byte[] block, int offset, int length) {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return new String(block, offset, end - offset, StandardCharsets.UTF_8);
  }

  private static long number(byte[] block, int offset, int length) throws IOException {
    String digits = text(block, offset, length).strip();
    try {
      return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
    } catch (NumberFormatException e) {
      throw new IOException("a number in the layer is damaged", e);
    }
  }

  /** As {@link #copy}, for a pipe's writer. */
  void copyUnchecked(InputStream layer, OutputStream out) {
    try (layer) {
      copy(layer, out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
