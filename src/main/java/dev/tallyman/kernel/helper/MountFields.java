package dev.tallyman.kernel.helper;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Mount;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes mounts as the protocol has them (TM_TAG_MOUNT, TM_TAG_MOUNT_LAYER). */
final class MountFields {
  private MountFields() {}

  static Request write(Request request, List<Mount> mounts) {
    mounts.forEach(each -> request.record(Tag.MOUNT, text(each).getBytes(StandardCharsets.UTF_8)));
    mounts.forEach(each -> each.layers().forEach(layer -> request.id(Tag.MOUNT_LAYER, layer)));
    return request;
  }

  static String text(Mount mount) {
    for (String each : List.of(mount.source(), mount.subpath(), mount.target())) {
      if (each.indexOf('\n') >= 0 || each.indexOf('\0') >= 0) {
        throw new KernelException(ErrorKind.INVALID, "a path of a mount holds a line end or a zero byte");
      }
    }
    int flags =
        (mount.isReadOnly() ? Protocol.MOUNT_READ_ONLY : 0) | (mount.isMade() ? Protocol.MOUNT_MAKE : 0) | (mount.isRecursive() ? Protocol.MOUNT_RECURSIVE : 0);
    return String.join("\n", word(mount.kind()), Integer.toString(flags), mount.kind() == Mount.Kind.IMAGE ? Integer.toString(mount.layers().size()) : mount.source(), mount.subpath(), mount.target());
  }

  private static String word(Mount.Kind kind) {
    return switch (kind) {
      case VOLUME -> "volume";
      case BIND -> "bind";
      case SOCKET -> "socket";
      case IMAGE -> "image";
    };
  }
}
