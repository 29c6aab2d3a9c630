package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a git server says, packet by packet, before anything believes it: how much it talks besides the pack, how large the pack is, and how many objects it
 * claims to have, for which room would be made at once.
 */
final class PacketGuard extends InputStream {
  /** Names of refs and messages are remembered. */
  static final long MOST_TALK_BYTES = 16 << 20;
  private static final int LENGTH_DIGITS = 4;
  private static final int PACK_HEADER_BYTES = 12;
  private static final int PACK_BAND = 1;
  /** What is said is remembered line by line, and each takes some memory besides its text. */
  private static final int LINE_BYTES = 32;
  /** Submodules, and theirs. */
  private static final int MOST_MODULES = 64;

  private final InputStream in;
  private final Budget budget;
  private final boolean mayPack;
  private final StringBuilder digits = new StringBuilder();
  private final byte[] head = new byte[PACK_HEADER_BYTES];
  private int headBytes;
  private int left;
  private boolean isFirst;
  private boolean isPack;

  /** What all answers for one repository and its submodules may take together. */
  static final class Budget {
    private final String what;
    private final long packMax;
    private final int objectsMax;
    private long talk;
    private long pack;
    private long objects;
    private int modules;

    Budget(String what, long packMax, int objectsMax) {
      this.what = what;
      this.packMax = packMax;
      this.objectsMax = objectsMax;
    }

    TallymanException exceeded(String how) {
      return new TallymanException(ErrorKind.EXHAUSTED, "failed to fetch " + what + ": " + how);
    }

    private void talked(int bytes) {
      talk += bytes;
      if (talk > MOST_TALK_BYTES) {
        throw exceeded("the server says more than " + MOST_TALK_BYTES + " bytes besides the files");
      }
    }

    private void packed(int bytes) {
      pack += bytes;
      if (pack > packMax) {
        throw exceeded("it is larger than " + packMax + " bytes");
      }
    }

    private void claimed(long count) {
      objects += count;
      if (objects > objectsMax) {
        throw exceeded("it has " + objects + " objects, at most " + objectsMax + " are taken");
      }
    }

    /** @param count of submodules that are about to be fetched, too */
    void modules(int count) {
      modules += count;
      if (modules > MOST_MODULES) {
        throw exceeded("it has more than " + MOST_MODULES + " submodules, with theirs");
      }
    }
  }

  /** @param mayPack false: a list of what the server has and can, in which no line is taken for a part of a pack */
  PacketGuard(InputStream in, Budget budget, boolean mayPack) {
    this.in = in;
    this.budget = budget;
    this.mayPack = mayPack;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int count = in.read(bytes, offset, length);
    int at = offset;
    while (at < offset + count) {
      at += left == 0 ? length(bytes[at]) : payload(bytes, at, Math.min(left, offset + count - at));
    }
    return count;
  }

  /** @return the bytes that were looked at */
  private int length(byte digit) throws IOException {
    budget.talked(1);
    digits.append((char) (digit & 0xff));
    if (Character.digit(digit & 0xff, 16) < 0) {
      throw new IOException("the server does not speak git's protocol with side bands");
    }
    if (digits.length() == LENGTH_DIGITS) {
      int total = Integer.parseInt(digits.toString(), 16);
      digits.setLength(0);
      if (total == LENGTH_DIGITS - 1) {
        throw new IOException("the server sent a damaged packet");
      }
      // Shorter ones are marks without content.
      left = Math.max(0, total - LENGTH_DIGITS);
      isFirst = true;
    }
    return 1;
  }

  private int payload(byte[] bytes, int from, int count) throws IOException {
    int at = from;
    if (isFirst) {
      isFirst = false;
      isPack = mayPack && bytes[at] == PACK_BAND;
      budget.talked(isPack ? 1 : 1 + LINE_BYTES);
      at++;
    }
    int rest = from + count - at;
    if (isPack) {
      for (int i = at; i < from + count && headBytes < PACK_HEADER_BYTES; i++) {
        head[headBytes++] = bytes[i];
        if (headBytes == PACK_HEADER_BYTES) {
          checkHead();
        }
      }
      budget.packed(rest);
    } else {
      budget.talked(rest);
    }
    left -= count;
    return count;
  }

  private void checkHead() throws IOException {
    if (!new String(head, 0, 4, StandardCharsets.ISO_8859_1).equals("PACK")) {
      throw new IOException("the server sent no pack");
    }
    long objects = (head[8] & 0xffL) << 24 | (head[9] & 0xff) << 16 | (head[10] & 0xff) << 8 | head[11] & 0xff;
    budget.claimed(objects);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
