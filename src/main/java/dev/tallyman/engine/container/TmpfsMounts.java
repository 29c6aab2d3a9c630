package dev.tallyman.engine.container;

import dev.tallyman.engine.http.JsonFields;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code --mount type=tmpfs}: the one kind of mount that needs no volume. */
final class TmpfsMounts {
  private TmpfsMounts() {}

  /** Adds the mounts to the tmpfs options by path. */
  static void read(JsonFields host, Map<String, String> tmpfs) {
    for (JsonFields mount : host.objects("Mounts")) {
      String type = mount.text("Type");
      String target = mount.text("Target");
      if (!type.equals("tmpfs")) {
        throw host.refusal("Mounts", "bind mounts and volumes are not here yet; type=tmpfs is the only one");
      }
      if (target.isEmpty()) {
        throw new TallymanException(ErrorKind.INVALID, "invalid mount config for type \"tmpfs\": field Target must not be empty");
      }
      List<String> options = new ArrayList<>();
      if (mount.flag("ReadOnly")) {
        options.add("ro");
      }
      JsonFields more = mount.object("TmpfsOptions");
      long size = more.number("SizeBytes");
      long mode = more.number("Mode");
      if (size > 0) {
        options.add("size=" + size);
      }
      if (mode > 0) {
        options.add("mode=" + Long.toOctalString(mode));
      }
      more.finish();
      mount.ignore("Consistency");
      mount.finish();
      if (tmpfs.putIfAbsent(target, String.join(",", options)) != null) {
        throw new TallymanException(ErrorKind.INVALID, "Duplicate mount point: " + target);
      }
    }
  }
}
