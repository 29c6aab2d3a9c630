package dev.tallyman.container;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks what is to be mounted, before anything is done. Texts are Docker's where Docker has one. */
final class MountRules {
  /** What one start can carry (native-helper, common/mount.h). */
  static final int MAX_MOUNTS = 64;

  /** Likewise, of all images together. */
  static final int MAX_IMAGE_LAYERS = 1024;

  private static final int MAX_PATH_CHARS = 3000;

  private MountRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID */
  static void check(ContainerSpec spec) {
    MountOptions options = spec.mounts();
    Set<String> targets = new HashSet<>();
    for (String each : options.binds()) {
      BindText bind = BindText.parse(each);
      propagation(bind.propagation());
      once(targets, bind.target());
    }
    for (MountOptions.Wish each : options.mounts()) {
      once(targets, wish(each));
    }
    spec.tmpfs().keySet().forEach(each -> once(targets, clean(each)));
    options.volumes().forEach(each -> target(each, each));
    options.volumesFrom().forEach(MountRules::from);
  }

  private static void once(Set<String> targets, String target) {
    if (!targets.add(target)) {
      throw Refusal.invalid("Duplicate mount point: " + target);
    }
  }

  /** @return the clean target */
  private static String wish(MountOptions.Wish wish) {
    String begin = "invalid mount config for type \"" + wish.type() + "\": ";
    if (!List.of(MountPoint.VOLUME, MountPoint.BIND, MountPoint.TMPFS, MountPoint.IMAGE).contains(wish.type())) {
      throw Refusal.invalid(begin + "mount type unknown to this server: volume, bind, tmpfs and image are known");
    }
    if (wish.target().isEmpty()) {
      throw Refusal.invalid(begin + "field Target must not be empty");
    }
    if (!wish.target().startsWith("/")) {
      throw Refusal.invalid(begin + "invalid mount path: '" + wish.target() + "' mount path must be absolute");
    }
    String target = target(wish.target(), wish.target());
    switch (wish.type()) {
      case MountPoint.BIND -> {
        if (wish.source().isEmpty()) {
          throw Refusal.invalid(begin + "field Source must not be empty");
        }
        source(wish.source());
        propagation(wish.propagation());
      }
      case MountPoint.TMPFS -> {
        if (!wish.source().isEmpty()) {
          throw Refusal.invalid(begin + "field Source must not be specified");
        }
        wish.tmpfsOptions().forEach(MountRules::tmpfsOption);
        if (wish.tmpfsBytes() < 0 || wish.tmpfsMode() < 0 || wish.tmpfsMode() > 07777) {
          throw Refusal.invalid(begin + "size or mode of a tmpfs is out of range");
        }
      }
      case MountPoint.IMAGE -> {
        if (wish.source().isEmpty()) {
          throw Refusal.invalid(begin + "field Source must not be empty");
        }
        part(wish);
      }
      default -> {
        if (wish.source().startsWith("/")) {
          throw Refusal.invalid(begin + "invalid volume specification: '" + wish.source() + "': a volume has a name, a path is for type=bind");
        }
        subpath(begin, wish);
      }
    }
    return target;
  }

  private static void tmpfsOption(String option) {
    if (!option.matches("(?:noexec|exec|ro|rw|noatime|(?:uid|gid)=\\d{1,5}|nr_inodes=\\d{1,12})")) {
      throw Refusal.invalid("invalid mount config for type \"tmpfs\": invalid option: " + option);
    }
  }

  private static void subpath(String begin, MountOptions.Wish wish) {
    if (wish.subpath().isEmpty()) {
      return;
    }
    if (wish.source().isEmpty()) {
      throw Refusal.invalid(begin + "must not set Subpath when using anonymous volumes");
    }
    part(wish);
  }

  /** A clean relative path that does not lead up, as Go's filepath.IsLocal wants it; empty = all of the volume or the image. */
  static String part(MountOptions.Wish wish) {
    String subpath = wish.subpath();
    int depth = 0;
    for (String each : subpath.split("/")) {
      depth += each.equals("..") ? -1 : each.isEmpty() || each.equals(".") ? 0 : 1;
      if (depth < 0 || subpath.startsWith("/") || !isShort(subpath)) {
        String here = wish.type().equals(MountPoint.IMAGE) ? ", here the image" : "";
        throw Refusal.invalid("invalid mount config for type \"" + wish.type() + "\": subpath must be a relative path within the volume" + here);
      }
    }
    return clean(subpath).substring(1);
  }

  private static boolean isShort(String path) {
    return path.length() <= MAX_PATH_CHARS && path.chars().noneMatch(c -> c < ' ');
  }

  /** A clean absolute path in the container that is not its root. */
  static String target(String whole, String path) {
    if (!path.startsWith("/")) {
      throw Refusal.invalid("invalid volume specification: '" + whole + "': invalid mount path: '" + path + "' mount path must be absolute");
    }
    String clean = clean(path);
    if (clean.equals("/")) {
      throw Refusal.invalid("invalid volume specification: '" + whole + "': invalid specification: destination can't be '/'");
    }
    if (!isShort(clean)) {
      throw Refusal.invalid("invalid volume specification: a path is too long or holds control characters");
    }
    return clean;
  }

  /** Without doubled slashes and dots, as Go's path.Clean makes it. */
  static String clean(String path) {
    Deque<String> parts = new ArrayDeque<>();
    for (String each : path.split("/")) {
      if (each.equals("..")) {
        parts.pollLast();
      } else if (!each.isEmpty() && !each.equals(".")) {
        parts.addLast(each);
      }
    }
    return "/" + String.join("/", parts);
  }

  /** A path of the host. Whether it may be shown is the policy's to say; a way up is refused here already, since it hides what is meant. */
  static String source(String path) {
    if (!path.startsWith("/")) {
      throw Refusal.invalid("invalid mount config for type \"bind\": invalid mount path: '" + path + "' mount path must be absolute");
    }
    if (Arrays.asList(path.split("/")).contains("..") || !isShort(path)) {
      throw Refusal.invalid("invalid mount config for type \"bind\": the source path leads up, is too long or holds control characters");
    }
    String clean = clean(path);
    if (clean.equals("/")) {
      // All of the host holds what is never shown, so no policy can allow it.
      throw Refusal.denied("this path of the host is never shown to a container: /; name a folder, which must lie below the policy's bind_roots");
    }
    return clean;
  }

  /** Mounts are the container's own: what is mounted later on one side does not appear on the other. */
  private static void propagation(String mode) {
    if (!mode.isEmpty() && !mode.equals("private") && !mode.equals("rprivate")) {
      throw Refusal.invalid("invalid mount config for type \"bind\": propagation " + mode + " is not supported by this server: containers have mounts of their own, rprivate");
    }
  }

  /** @param container as named */
  record From(String container, boolean isReadOnly) {}

  static From from(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String mode = colon < 0 ? "" : text.substring(colon + 1);
    if (name.isEmpty()) {
      throw Refusal.invalid("malformed volumes-from specification: " + text);
    }
    if (!List.of("", "ro", "rw", "z", "Z").contains(mode)) {
      throw Refusal.invalid("invalid mode: " + mode);
    }
    return new From(name, mode.equals("ro"));
  }
}
