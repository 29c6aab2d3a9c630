package dev.tallyman.engine.stream;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Finds the keys that leave a terminal session in what is typed. Keys that only begin like them are passed on late, never lost. */
public final class DetachKeys {
  private static final String DEFAULT = "ctrl-p,ctrl-q";

  private final byte[] keys;
  private int matched;

  private DetachKeys(byte[] keys) {
    this.keys = keys;
  }

  /** @param text such as {@code ctrl-p,ctrl-q} or {@code a,ctrl-]}; empty = the default */
  public static DetachKeys parse(String text) {
    String[] parts = (text.isEmpty() ? DEFAULT : text).split(",", -1);
    byte[] keys = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      keys[i] = key(parts[i]);
    }
    return new DetachKeys(keys);
  }

  private static byte key(String part) {
    if (part.length() == 1 && part.charAt(0) < 0x80) {
      return (byte) part.charAt(0);
    }
    if (part.length() == 6 && part.startsWith("ctrl-")) {
      char name = part.charAt(5);
      if (name >= 'a' && name <= 'z') {
        return (byte) (name - 'a' + 1);
      }
      int other = "@[\\]^_".indexOf(name);
      if (other >= 0) {
        return (byte) (other == 0 ? 0 : 26 + other);
      }
    }
    throw new TallymanException(ErrorKind.INVALID, "Unknown character: '" + part + "' in detach keys; use single characters or ctrl-a to ctrl-z, ctrl-@, ctrl-[, ctrl-\\, ctrl-], ctrl-^, ctrl-_");
  }

  /** @return the bytes to pass on; null when the keys were complete */
  @Nullable ByteBuffer filter(ByteBuffer typed) {
    ByteBuffer out = ByteBuffer.allocate(typed.remaining() + keys.length);
    while (typed.hasRemaining()) {
      byte next = typed.get();
      if (next != keys[matched]) {
        out.put(keys, 0, matched);
        matched = 0;
      }
      if (next != keys[matched]) {
        out.put(next);
        continue;
      }
      matched++;
      if (matched == keys.length) {
        return null;
      }
    }
    return out.flip();
  }
}
