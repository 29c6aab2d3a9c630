package dev.tallyman.kernel.proc;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the control group hierarchies of this host are mounted, and where in them a process is.
 *
 * @param versionOne mount by controller
 * @param unified the version 2 mount, alone or beside version 1
 */
record CgroupMounts(Map<String, Mount> versionOne, Optional<Mount> unified) {
  /** @param root path inside the hierarchy that is visible at the mount point */
  record Mount(Path point, String root) {
    Path folder(String path) {
      String inside = root.equals("/") ? path : path.startsWith(root) ? path.substring(root.length()) : path;
      return point.resolve(inside.replaceFirst("^/+", ""));
    }
  }

  /** The groups of one process. */
  record Groups(Map<String, Path> versionOne, Optional<Path> unified) {
    /** The group in the hierarchy that has the controller: version 1 if it is there, else version 2. */
    Optional<Path> of(String controller) {
      Path old = versionOne.get(controller);
      return old == null ? unified : Optional.of(old);
    }

    boolean isVersionOne(String controller) {
      return versionOne.containsKey(controller);
    }
  }

  /** @param mountInfo content of /proc/self/mountinfo */
  static CgroupMounts parse(String mountInfo) {
    Map<String, Mount> old = new HashMap<>();
    Optional<Mount> unified = Optional.empty();
    for (String line : mountInfo.lines().toList()) {
      String[] halves = line.split(" - ", 2);
      if (halves.length < 2) {
        continue;
      }
      String[] left = halves[0].split(" ");
      String[] right = halves[1].split(" ");
      if (left.length < 5 || right.length < 3) {
        continue;
      }
      Mount mount = new Mount(Path.of(left[4]), left[3]);
      if (right[0].equals("cgroup2")) {
        unified = unified.isEmpty() ? Optional.of(mount) : unified;
      } else if (right[0].equals("cgroup")) {
        Arrays.stream(right[2].split(",")).forEach(option -> old.putIfAbsent(option, mount));
      }
    }
    return new CgroupMounts(Map.copyOf(old), unified);
  }

  /** @param membership content of /proc/PID/cgroup; empty for a process that has ended gives no groups */
  Groups groups(String membership) {
    Map<String, Path> old = new HashMap<>();
    Optional<Path> found = Optional.empty();
    for (String line : membership.lines().toList()) {
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      if (parts[1].isEmpty()) {
        found = unified.map(mount -> mount.folder(parts[2]));
      } else {
        for (String controller : List.of(parts[1].split(","))) {
          Mount mount = versionOne.get(controller);
          if (mount != null) {
            old.put(controller, mount.folder(parts[2]));
          }
        }
      }
    }
    return new Groups(old, found);
  }
}
