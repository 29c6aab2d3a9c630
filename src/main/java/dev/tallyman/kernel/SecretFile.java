package dev.tallyman.kernel;

import java.util.Arrays;

/**
 * A file of {@code /run/secrets} in a container. Kept as shortly as possible: {@link #wipe} it once it was handed over.
 *
 * @param name {@code [A-Za-z0-9_.-]}, at most 100 characters
 * @param mode permission bits
 * @param uid as the container sees it, below 65536; gid likewise
 * @param value not copied; at most {@value #MAX_BYTES} bytes
 */
public record SecretFile(String name, int mode, int uid, int gid, byte[] value) {
  public static final int MAX_BYTES = 500 << 10;
  /** Of one container. */
  public static final int MAX_FILES = 64;

  /** Forgets the value. */
  public void wipe() {
    Arrays.fill(value, (byte) 0);
  }

  /** Without the value. */
  @Override
  public String toString() {
    return "SecretFile " + name;
  }
}
