package dev.tallyman.kernel;

import java.util.List;

/**
 * Something that a container sees at a place of its own tree.
 *
 * @param source a volume's id, nothing of an image; of a bind an absolute path of the host, which the policy must allow; the id of a socket of the server ({@link Sandboxes#socket})
 * @param subpath relative path in a volume or an image; empty = all of it
 * @param target absolute path in the container; made where it is missing
 * @param layers of an image, names in {@link Layers}, bottom first
 * @param isMade a bind's directory is made where nothing is; isRecursive with what is mounted below it
 */
public record Mount(Kind kind, String source, String subpath, String target, List<String> layers, boolean isReadOnly, boolean isMade, boolean isRecursive) {
  public enum Kind {
    VOLUME,
    BIND,
    SOCKET,
    IMAGE
  }

  public static Mount ofVolume(String volume, String subpath, String target, boolean isReadOnly) {
    return new Mount(Kind.VOLUME, volume, subpath, target, List.of(), isReadOnly, false, false);
  }

  public static Mount ofBind(String source, String target, boolean isReadOnly, boolean isMade, boolean isRecursive) {
    return new Mount(Kind.BIND, source, "", target, List.of(), isReadOnly, isMade, isRecursive);
  }

  public static Mount ofSocket(String socket, String target, boolean isReadOnly) {
    return new Mount(Kind.SOCKET, socket, "", target, List.of(), isReadOnly, false, false);
  }

  /** Always read-only. */
  public static Mount ofImage(List<String> layers, String subpath, String target) {
    return new Mount(Kind.IMAGE, "", subpath, target, layers, true, false, false);
  }
}
