package dev.tallyman.kernel;

/**
 * Something that a container sees at a place of its own tree.
 *
 * @param source a volume's id; of a bind an absolute path of the host, which the policy must allow; the id of a socket of the server ({@link Sandboxes#socket})
 * @param subpath relative path in a volume; empty = all of it
 * @param target absolute path in the container; made where it is missing
 * @param isMade a bind's directory is made where nothing is; isRecursive with what is mounted below it
 */
public record Mount(Kind kind, String source, String subpath, String target, boolean isReadOnly, boolean isMade, boolean isRecursive) {
  public enum Kind {
    VOLUME,
    BIND,
    SOCKET
  }

  public static Mount ofVolume(String volume, String subpath, String target, boolean isReadOnly) {
    return new Mount(Kind.VOLUME, volume, subpath, target, isReadOnly, false, false);
  }

  public static Mount ofBind(String source, String target, boolean isReadOnly, boolean isMade, boolean isRecursive) {
    return new Mount(Kind.BIND, source, "", target, isReadOnly, isMade, isRecursive);
  }

  public static Mount ofSocket(String socket, String target, boolean isReadOnly) {
    return new Mount(Kind.SOCKET, socket, "", target, isReadOnly, false, false);
  }
}
