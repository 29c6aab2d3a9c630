package dev.tallyman.image;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Entries of an archive of images or of a build's context: ustar, PAX (path, linkpath, size, extended attributes) and GNU long names. Extension records are bounded, which general
 * libraries do not do; sparse files, devices and names that are not UTF-8 are refused. Layers are never read with this.
 */
public final class TarReader {
  static final int BLOCK_BYTES = 512;
  /** Both paths (PATH_MAX) and one extended attribute of the largest size (XATTR_SIZE_MAX), or more of usual ones. */
  private static final int EXTENSION_MAX_BYTES = 128 << 10;
  private static final String ATTRIBUTE = "SCHILY.xattr.";
  /** Of paths and targets of links, in characters. */
  public static final int LONGEST_NAME = 4096;
  private static final Set<String> KEPT = Set.of("path", "linkpath", "size", "mtime", "uid", "gid");
  private static final long LARGEST = 1L << 50;

  public enum Kind {
    FILE,
    DIRECTORY,
    /** Symbolic or hard link; both name another entry of the archive. */
    LINK,
    /** A named pipe, where they are asked for. */
    PIPE
  }

  /**
   * @param link target as written, empty for other kinds; @param isHard a hard link's target is a whole path
   * @param mode permission bits; @param mtimeSeconds since 1970
   * @param attributes extended ones that a container may have: file capabilities and those of users. By name, bytes as characters of ISO 8859-1
   */
  public record Entry(String name, Kind kind, long size, String link, boolean isHard, int mode, long mtimeSeconds, long uid, long gid, Map<String, String> attributes) {
    public Entry {
      attributes = Map.copyOf(attributes);
    }

    /** One without extended attributes. */
    public Entry(String name, Kind kind, long size, String link, boolean isHard, int mode, long mtimeSeconds, long uid, long gid) {
      this(name, kind, size, link, isHard, mode, mtimeSeconds, uid, gid, Map.of());
    }
  }

  private final InputStream in;
  private final boolean hasPipes;
  private final byte[] block = new byte[BLOCK_BYTES];
  private long rest;
  private int padding;

  public TarReader(InputStream in) {
    this(in, false);
  }

  /** @param hasPipes false: named pipes are refused, as devices are */
  public TarReader(InputStream in, boolean hasPipes) {
    this.in = in;
    this.hasPipes = hasPipes;
  }

  /** Skips what was not read of the entry before. Absent at the end of the archive. */
  public @Nullable Entry next() throws IOException {
    content().skipNBytes(rest);
    // Docker's client ends an archive that it has put a Dockerfile into with the last byte of the last file.
    if (in.readNBytes(block, 0, padding) < padding) {
      padding = 0;
      return null;
    }
    padding = 0;
    Map<String, String> extension = new HashMap<>();
    while (readBlock()) {
      char type = (char) (block[156] & 0xff);
      switch (type) {
        case 'x' -> readPax(extension);
        case 'g' -> readExtension();
        case 'L' -> extension.put("path", gnuName());
        case 'K' -> extension.put("linkpath", gnuName());
        default -> {
          return entry(type, extension);
        }
      }
    }
    return null;
  }

  /** The current entry's bytes; ends at its size. */
  public InputStream content() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        if (rest == 0) {
          return -1;
        }
        int count = in.read(bytes, offset, (int) Math.min(length, rest));
        if (count < 0) {
          throw new EOFException("the archive ends early");
        }
        rest -= count;
        return count;
      }
    };
  }

  private boolean readBlock() throws IOException {
    int count = in.readNBytes(block, 0, BLOCK_BYTES);
    if (count == 0) {
      return false;
    }
    if (count < BLOCK_BYTES) {
      throw new EOFException("the archive ends early");
    }
    if (isZero()) {
      return false;
    }
    if (!hasChecksum(block)) {
      throw new IOException("not a tar archive, or a damaged one");
    }
    return true;
  }

  private boolean isZero() {
    for (byte each : block) {
      if (each != 0) {
        return false;
      }
    }
    return true;
  }

  /** True if 512 bytes are the header of an entry. */
  public static boolean hasChecksum(byte[] header) {
    if (header.length < BLOCK_BYTES) {
      return false;
    }
    long sum = 0;
    for (int i = 0; i < BLOCK_BYTES; i++) {
      sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
    }
    try {
      return sum == number(header, 148, 8);
    } catch (IOException e) {
      return false;
    }
  }

  private Entry entry(char type, Map<String, String> extension) throws IOException {
    String prefix = isPosix() ? text(345, 155) : "";
    String name = extension.getOrDefault("path", prefix.isEmpty() ? text(0, 100) : prefix + "/" + text(0, 100));
    String link = extension.getOrDefault("linkpath", text(157, 100));
    if (name.length() > LONGEST_NAME || link.length() > LONGEST_NAME) {
      throw new IOException("a name in the archive is too long");
    }
    if (extension.keySet().stream().anyMatch(each -> each.startsWith("GNU.sparse"))) {
      throw new IOException("sparse entries are not supported");
    }
    Kind kind = kind(type, name);
    long size = kind == Kind.FILE ? size(extension) : 0;
    setContent(size);
    return new Entry(name, kind, size, kind == Kind.LINK ? link : "", type == '1', (int) number(block, 100, 8) & 07777, mtime(extension), id(extension, "uid", 108), id(extension, "gid", 116), attributes(extension));
  }

  private static Map<String, String> attributes(Map<String, String> extension) {
    Map<String, String> found = new HashMap<>();
    extension.forEach((key, value) -> {
      if (key.startsWith(ATTRIBUTE)) {
        found.put(key.substring(ATTRIBUTE.length()), value);
      }
    });
    return found;
  }

  /** The kernel part keeps the same ones; those of overlayfs would change how a layer is read. */
  private static boolean isAttribute(String key) {
    String name = key.startsWith(ATTRIBUTE) ? key.substring(ATTRIBUTE.length()) : "";
    return name.equals("security.capability") || name.startsWith("user.") && !name.startsWith("user.overlay.");
  }

  private Kind kind(char type, String name) throws IOException {
    if (type == '6' && hasPipes) {
      return Kind.PIPE;
    }
    return switch (type) {
      case '0', '\0', '7' -> name.endsWith("/") ? Kind.DIRECTORY : Kind.FILE;
      case '1', '2' -> Kind.LINK;
      case '5' -> Kind.DIRECTORY;
      default -> throw new IOException("an entry of the archive is no file, directory or link");
    };
  }

  private long size(Map<String, String> extension) throws IOException {
    String text = extension.get("size");
    if (text == null) {
      return number(block, 124, 12);
    }
    if (!text.matches("\\d{1,15}")) {
      throw new IOException("an entry of the archive has no valid size");
    }
    return Long.parseLong(text);
  }

  /** Fractions of a second are left out, as layers keep whole seconds only. */
  private long mtime(Map<String, String> extension) throws IOException {
    String text = extension.getOrDefault("mtime", "").split("\\.", 2)[0];
    if (text.matches("-?\\d{1,12}")) {
      return Long.parseLong(text);
    }
    // A time before 1970 is a negative number in base 256.
    return (block[136] & 0xff) == 0xff ? 0 : number(block, 136, 12);
  }

  private long id(Map<String, String> extension, String key, int offset) throws IOException {
    String text = extension.getOrDefault(key, "");
    return text.matches("\\d{1,10}") ? Long.parseLong(text) : number(block, offset, 8);
  }

  private void setContent(long size) throws IOException {
    if (size < 0 || size > LARGEST) {
      throw new IOException("an entry of the archive has no valid size");
    }
    rest = size;
    padding = (int) ((BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES);
  }

  private boolean isPosix() {
    return block[257] == 'u' && block[258] == 's' && block[259] == 't' && block[260] == 'a' && block[261] == 'r' && block[262] == 0;
  }

  private byte[] readExtension() throws IOException {
    long size = number(block, 124, 12);
    if (size < 0 || size > EXTENSION_MAX_BYTES) {
      throw new IOException("an extension record of the archive is too large");
    }
    setContent(size);
    byte[] bytes = content().readNBytes((int) size);
    in.skipNBytes(padding);
    padding = 0;
    return bytes;
  }

  private String gnuName() throws IOException {
    byte[] bytes = readExtension();
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return decode(bytes, 0, end);
  }

  /** Records {@code <length> <key>=<value>\n} (pax(1)). */
  private void readPax(Map<String, String> extension) throws IOException {
    byte[] bytes = readExtension();
    int at = 0;
    while (at < bytes.length) {
      int space = at;
      int length = 0;
      while (space < bytes.length && bytes[space] != ' ' && space - at < 6) {
        length = length * 10 + Character.digit(bytes[space++], 10);
      }
      int equals = space + 1;
      while (equals < bytes.length && bytes[equals] != '=') {
        equals++;
      }
      int end = at + length;
      if (length <= 0 || end > bytes.length || equals >= end || bytes[end - 1] != '\n') {
        throw new IOException("an extension record of the archive is damaged");
      }
      String key = decode(bytes, space + 1, equals);
      if (KEPT.contains(key) || key.startsWith("GNU.sparse")) {
        extension.put(key, decode(bytes, equals + 1, end - 1));
      } else if (isAttribute(key)) {
        extension.put(key, new String(bytes, equals + 1, end - 1 - (equals + 1), StandardCharsets.ISO_8859_1));
      }
      at = end;
    }
  }

  private String text(int offset, int length) throws IOException {
    int end = offset;
    while (end < offset + length && block[end] != 0) {
      end++;
    }
    return decode(block, offset, end);
  }

  private static String decode(byte[] bytes, int from, int to) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, to - from)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("a name in the archive is not UTF-8", e);
    }
  }

  /** Octal, or base 256 when the first bit is set (GNU). */
  private static long number(byte[] bytes, int offset, int length) throws IOException {
    if ((bytes[offset] & 0x80) != 0) {
      long value = bytes[offset] & 0x3f;
      for (int i = 1; i < length; i++) {
        if (value >= 1L << 54) {
          throw new IOException("a number in the archive is too large");
        }
        value = value << 8 | bytes[offset + i] & 0xff;
      }
      return value;
    }
    long value = 0;
    boolean hasDigit = false;
    for (int i = offset; i < offset + length; i++) {
      int c = bytes[i];
      if (c >= '0' && c <= '7') {
        value = value << 3 | c - '0';
        hasDigit = true;
      } else if ((c == 0 || c == ' ') && hasDigit) {
        break;
      } else if (c != ' ' && c != 0) {
        throw new IOException("a number in the archive is damaged");
      }
    }
    return value;
  }
}
