package dev.tallyman.container;

import java.util.Set;

/** Which namespaces may be shared, and with whom. Texts are Docker's. */
final class Modes {
  static final String CONTAINER = "container:";

  private Modes() {}

  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  static void check(ContainerSpec spec) {
    SpecialOptions special = spec.special();
    if (special.pidMode().equals("host")) {
      throw Refusal.invalid("cannot share the host PID namespace when user namespaces are enabled");
    }
    if (special.ipcMode().equals("host")) {
      throw Refusal.invalid("cannot share the host IPC namespace when user namespaces are enabled");
    }
    require(special.pidMode().isEmpty() || names(special.pidMode()), "invalid PID mode", special.pidMode());
    require(Set.of("", "none", "private", "shareable").contains(special.ipcMode()) || names(special.ipcMode()), "invalid IPC mode", special.ipcMode());
    require(Set.of("", "host").contains(special.utsMode()), "invalid UTS mode", special.utsMode());
    require(Set.of("", "private", "host").contains(special.cgroupMode()), "invalid cgroup namespace mode", special.cgroupMode());
    if (special.utsMode().equals("host") && !spec.hostname().isEmpty()) {
      throw Refusal.invalid("conflicting options: hostname and the UTS mode");
    }
    String pid = target(special.pidMode());
    String ipc = target(special.ipcMode());
    if (!pid.isEmpty() && !ipc.isEmpty() && !pid.equals(ipc)) {
      throw Refusal.invalid("conflicting options: the PID and the IPC namespace can be shared with one and the same container only");
    }
    if (!ipc.isEmpty() && spec.shmSizeBytes() > 0 && spec.shmSizeBytes() != Sandboxing.DEFAULT_SHM_BYTES) {
      throw Refusal.invalid("conflicting options: --shm-size and the IPC namespace of another container");
    }
  }

  private static boolean names(String mode) {
    return !target(mode).isEmpty();
  }

  /** The container whose namespace is shared; empty if there is none. */
  static String target(String mode) {
    return mode.startsWith(CONTAINER) ? mode.substring(CONTAINER.length()) : "";
  }

  private static void require(boolean isValid, String what, String mode) {
    if (!isValid) {
      throw Refusal.invalid(what + ": " + mode);
    }
  }
}
