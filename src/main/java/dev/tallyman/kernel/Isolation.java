package dev.tallyman.kernel;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a container differs from others in what it shares and what it may reach.
 *
 * @param processesOf container whose process or IPC namespace is shared, and with it its user namespace; null = none
 * @param hasSharedMemory a /dev/shm
 * @param devices of the policy's list
 * @param maskedPaths beside the usual ones, unless these are lifted
 * @param readOnlyPaths likewise
 * @param filter beside the built-in one; null = none
 */
public record Isolation(
    @Nullable String processesOf, boolean sharesPid, boolean sharesIpc, boolean hasSharedMemory, boolean isHostUts, boolean isHostCgroup, List<Device> devices,
    List<DeviceRule> deviceRules, List<String> maskedPaths, List<String> readOnlyPaths, @Nullable SyscallFilter filter) {

  public Isolation {
    devices = List.copyOf(devices);
    deviceRules = List.copyOf(deviceRules);
    maskedPaths = List.copyOf(maskedPaths);
    readOnlyPaths = List.copyOf(readOnlyPaths);
  }

  /** What every container has. */
  public static Isolation usual() {
    return new Isolation(null, false, false, true, false, false, List.of(), List.of(), List.of(), List.of(), null);
  }

  /** @param name of the node on the host; @param target path in the container; @param access some of r, w, m */
  public record Device(String name, String target, String access) {}

  /** @param type a, b or c; @param access bits 1 r, 2 w, 4 m; @param major -1 = any, as minor */
  public record DeviceRule(char type, int access, int major, int minor) {}
}
