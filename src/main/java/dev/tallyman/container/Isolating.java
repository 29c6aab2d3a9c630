package dev.tallyman.container;

import dev.tallyman.device.DeviceEdits;
import dev.tallyman.kernel.Isolation;
import dev.tallyman.kernel.SyscallFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns the rarer options into what the helper is told. */
final class Isolating {
  private Isolating() {}

  static Isolation of(ContainerSpec spec, DeviceEdits named) {
    SpecialOptions special = spec.special();
    String pid = Modes.target(special.pidMode());
    String ipc = Modes.target(special.ipcMode());
    String target = pid.isEmpty() ? ipc : pid;
    boolean isUnmasked = isUnmasked(spec);
    return new Isolation(
        target.isEmpty() ? null : target, !pid.isEmpty(), !ipc.isEmpty(), !special.ipcMode().equals("none"), special.utsMode().equals("host"), special.cgroupMode().equals("host"),
        devices(special, named),
        special.deviceRules().stream().map(SpecialRules::rule).toList(), paths(special.maskedPaths(), ProtectedPaths.MASKED, isUnmasked, spec),
        paths(special.readOnlyPaths(), ProtectedPaths.READ_ONLY, isUnmasked, spec), filter(spec));
  }

  private static List<Isolation.Device> devices(SpecialOptions special, DeviceEdits named) {
    return Stream.concat(
            special.devices().stream().map(each -> new Isolation.Device(each.onHost(), each.inContainer(), each.access())),
            named.nodes().stream().map(each -> new Isolation.Device(each.onHost(), each.inContainer(), each.access())))
        .toList();
  }

  /** The container's own filter of system calls, tied to its capabilities; null if it has none. */
  static @Nullable SyscallFilter filter(ContainerSpec spec) {
    String profile = SecurityOptions.parse(spec.securityOptions()).seccompProfile();
    return profile == null ? null : SeccompProfile.read(profile, Capabilities.of(spec));
  }

  /** Whether a usual path is to be seen or written, which the host's policy must allow. */
  static boolean isUnmasked(ContainerSpec spec) {
    SpecialOptions special = spec.special();
    return SecurityOptions.parse(spec.securityOptions()).isUnmasked() || lacks(special.maskedPaths(), ProtectedPaths.MASKED) || lacks(special.readOnlyPaths(), ProtectedPaths.READ_ONLY);
  }

  private static boolean lacks(@Nullable List<String> given, List<String> usual) {
    return given != null && !new HashSet<>(given).containsAll(usual);
  }

  /** All of them where the usual ones are lifted, as the policy may do for a privileged container; else what is asked for beyond. */
  private static List<String> paths(@Nullable List<String> given, List<String> usual, boolean isUnmasked, ContainerSpec spec) {
    if (isUnmasked || spec.isPrivileged()) {
      boolean isAllLifted = spec.isPrivileged() || SecurityOptions.parse(spec.securityOptions()).isUnmasked();
      return given != null ? given : isAllLifted ? List.of() : usual;
    }
    List<String> more = new ArrayList<>(given == null ? List.of() : given);
    more.removeAll(usual);
    return more;
  }
}
