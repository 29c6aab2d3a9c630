package dev.tallyman.container;

import dev.tallyman.device.DeviceRequest;
import dev.tallyman.unit.ByteSize;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What few creators of containers ask for. Texts are Docker's, and empty where nothing was asked for; fixed at creation. Absent parts have
 * their defaults, also in records of earlier versions.
 *
 * @param pidMode {@code container:<name>}
 * @param ipcMode none, private, shareable, {@code container:<name>}
 * @param utsMode host
 * @param cgroupMode private, host
 * @param maskedPaths null = the usual ones ({@link ProtectedPaths})
 * @param readOnlyPaths null = the usual ones
 * @param shell of an image built from the container; kept and shown, as onBuild and isArgsEscaped
 * @param terminal first size of the container's terminal, if it has one
 * @param idFile where the client wrote the id; shown again
 * @param deviceRequests devices by name; what they add is looked up at each start
 * @param storage {@code size}: what the writable layer may take on disk
 */
public record SpecialOptions(
    String pidMode, String ipcMode, String utsMode, String cgroupMode, List<Device> devices, List<String> deviceRules, @Nullable List<String> maskedPaths,
    @Nullable List<String> readOnlyPaths, Map<String, String> annotations, List<String> shell, List<String> onBuild, boolean isArgsEscaped,
    Terminal terminal, String idFile, List<DeviceRequest> deviceRequests, Map<String, String> storage) {

  public SpecialOptions {
    pidMode = pidMode == null ? "" : pidMode;
    ipcMode = ipcMode == null ? "" : ipcMode;
    utsMode = utsMode == null ? "" : utsMode;
    cgroupMode = cgroupMode == null ? "" : cgroupMode;
    devices = devices == null ? List.of() : List.copyOf(devices);
    deviceRules = deviceRules == null ? List.of() : List.copyOf(deviceRules);
    maskedPaths = maskedPaths == null ? null : List.copyOf(maskedPaths);
    readOnlyPaths = readOnlyPaths == null ? null : List.copyOf(readOnlyPaths);
    annotations = annotations == null ? Map.of() : Map.copyOf(annotations);
    shell = shell == null ? List.of() : List.copyOf(shell);
    onBuild = onBuild == null ? List.of() : List.copyOf(onBuild);
    terminal = terminal == null ? Terminal.unknown() : terminal;
    idFile = idFile == null ? "" : idFile;
    deviceRequests = deviceRequests == null ? List.of() : List.copyOf(deviceRequests);
    storage = storage == null ? Map.of() : Map.copyOf(storage);
  }

  /** One whose terminal has no size yet. */
  public SpecialOptions(
      String pidMode, String ipcMode, String utsMode, String cgroupMode, List<Device> devices, List<String> deviceRules, @Nullable List<String> maskedPaths,
      @Nullable List<String> readOnlyPaths, Map<String, String> annotations, List<String> shell, List<String> onBuild, boolean isArgsEscaped) {
    this(
        pidMode, ipcMode, utsMode, cgroupMode, devices, deviceRules, maskedPaths, readOnlyPaths, annotations, shell, onBuild, isArgsEscaped, Terminal.unknown(), "", List.of(), Map.of());
  }

  public static SpecialOptions none() {
    return new SpecialOptions("", "", "", "", List.of(), List.of(), null, null, Map.of(), List.of(), List.of(), false);
  }

  /** @param onHost name of the node, as the host's policy has it; @param inContainer empty = the same; @param access some of r, w, m; empty = all */
  public record Device(String onHost, String inContainer, String access) {
    public Device {
      onHost = onHost == null ? "" : onHost;
      inContainer = inContainer == null || inContainer.isEmpty() ? onHost : inContainer;
      access = access == null || access.isEmpty() ? "rwm" : access;
    }
  }

  /** Size of a terminal in characters; zeros = the kernel's, which has none. */
  public record Terminal(int rows, int columns) {
    public static Terminal unknown() {
      return new Terminal(0, 0);
    }
  }

  SpecialOptions withModes(String pid, String ipc) {
    return new SpecialOptions(pid, ipc, utsMode, cgroupMode, devices, deviceRules, maskedPaths, readOnlyPaths, annotations, shell, onBuild, isArgsEscaped, terminal, idFile, deviceRequests, storage);
  }

  /** @param size as {@link ByteSize} reads it */
  public SpecialOptions withStorage(String size) {
    return new SpecialOptions(
        pidMode, ipcMode, utsMode, cgroupMode, devices, deviceRules, maskedPaths, readOnlyPaths, annotations, shell, onBuild, isArgsEscaped, terminal, idFile, deviceRequests, Map.of("size", size));
  }

  /** What the writable layer may take on disk; 0 = as much as there is. */
  long storageBytes() {
    return storage.values().stream().mapToLong(size -> ByteSize.parse(size).bytes()).findFirst().orElse(0);
  }
}
