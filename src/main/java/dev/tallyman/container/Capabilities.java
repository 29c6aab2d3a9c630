package dev.tallyman.container;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Capabilities by their numbers (capabilities(7)), as bit sets. */
public final class Capabilities {
  private static final List<String> NAMES =
      List.of(
          "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN",
          "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME",
          "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON",
          "BPF", "CHECKPOINT_RESTORE");

  /** What packages need to install and services to drop their rights: Docker's fourteen without NET_RAW, MKNOD and AUDIT_WRITE. */
  private static final Set<String> DEFAULT =
      Set.of("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "SETGID", "SETUID", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "SETFCAP");

  private static final String ALL = "ALL";

  private Capabilities() {}

  /**
   * What a container gets. The helper holds it to the policy; with {@code isPrivileged} the helper widens it to all that the policy allows.
   *
   * @throws dev.tallyman.error.TallymanException INVALID for a name that is no capability
   */
  public static long of(ContainerSpec spec) {
    Set<String> added = names("CapAdd", spec.capAdd());
    Set<String> dropped = names("CapDrop", spec.capDrop());
    Set<String> wanted = new HashSet<>(added.contains(ALL) ? NAMES : dropped.contains(ALL) ? List.of() : DEFAULT);
    wanted.removeAll(dropped);
    if (!added.contains(ALL)) {
      wanted.addAll(added);
    }
    return bits(wanted);
  }

  /** @param name with or without CAP_; what is no capability has no bit */
  static long bit(String name) {
    int number = NAMES.indexOf(name.startsWith("CAP_") ? name.substring(4) : name);
    return number < 0 ? 0 : 1L << number;
  }

  private static Set<String> names(String field, List<String> given) {
    Set<String> names = new HashSet<>();
    for (String text : given) {
      String name = text.strip().toUpperCase(Locale.ROOT);
      String bare = name.startsWith("CAP_") ? name.substring(4) : name;
      if (!bare.equals(ALL) && !NAMES.contains(bare)) {
        throw Refusal.invalid("invalid " + field + ": unknown capability: " + Refusal.quoted("CAP_" + bare));
      }
      names.add(bare);
    }
    return names;
  }

  private static long bits(Set<String> names) {
    long bits = 0;
    for (String name : names) {
      bits |= 1L << NAMES.indexOf(name);
    }
    return bits;
  }
}
