package dev.tallyman.kernel;

/**
 * Something that a container sees at a place of its own tree.
 *
 * @param source a volume's id, or with {@code isBind} an absolute path of the host, which the policy must allow
 * @param subpath relative path in a volume; empty = all of it
 * @param target absolute path in the container; made where it is missing
 * @param isMade a bind's directory is made where nothing is; isRecursive with what is mounted below it
 */
public record Mount(boolean isBind, String source, String subpath, String target, boolean isReadOnly, boolean isMade, boolean isRecursive) {
  public static Mount ofVolume(String volume, String subpath, String target, boolean isReadOnly) {
    return new Mount(false, volume, subpath, target, isReadOnly, false, false);
  }
}
