package dev.tallyman.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.device.DeviceConfig.Hooks;
import dev.tallyman.device.DeviceEdits.FileMount;
import dev.tallyman.device.DeviceEdits.Node;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceCatalogTest {
  private static final String GPUS =
      """
      cdiVersion: 0.7.0
      kind: nvidia.com/gpu
      containerEdits:
        env: [NVIDIA_VISIBLE_DEVICES=void]
        deviceNodes: [{path: /dev/nvidiactl}]
        mounts: [{hostPath: /usr/lib/libcuda.so.1, containerPath: /usr/lib/libcuda.so.1, options: [ro, nosuid, nodev, rbind, rprivate]}]
      devices:
        - {name: "0", containerEdits: {deviceNodes: [{path: /dev/nvidia0, permissions: rw}], additionalGids: [44]}}
        - {name: "1", containerEdits: {deviceNodes: [{path: /dev/nvidia1, hostPath: /dev/nvidia7}]}}
        - {name: all, containerEdits: {deviceNodes: [{path: /dev/nvidia0}, {path: /dev/nvidia1}]}}
      """;

  @TempDir Path folder;
  private Path first;
  private Path second;

  private record Settings(List<Path> folders, Hooks hooks) implements DeviceConfig {}

  @BeforeEach
  void makeFolders() throws IOException {
    first = Files.createDirectory(folder.resolve("first"));
    second = Files.createDirectory(folder.resolve("second"));
    Files.writeString(first.resolve("nvidia.yaml"), GPUS);
  }

  private DeviceCatalog catalog(Hooks hooks) {
    return new DeviceCatalog(new Settings(List.of(first, second, folder.resolve("absent")), hooks));
  }

  private DeviceEdits edits(DeviceRequest... requests) {
    return catalog(Hooks.REFUSE).edits(List.of(requests));
  }

  private static DeviceRequest cdi(String... names) {
    return new DeviceRequest("cdi", 0, List.of(names), List.of(), Map.of());
  }

  private static DeviceRequest gpus(String driver, int count, String... ids) {
    return new DeviceRequest(driver, count, List.of(ids), List.of(List.of("gpu")), Map.of());
  }

  private static void refused(ErrorKind kind, String words, org.junit.jupiter.api.function.Executable work) {
    TallymanException e = assertThrows(TallymanException.class, work);
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
  }

  @Test
  void aDeviceBringsItsOwnAndWhatItsKindNeeds() {
    DeviceEdits both = edits(cdi("nvidia.com/gpu=0", "nvidia.com/gpu=1"));

    assertEquals(List.of("NVIDIA_VISIBLE_DEVICES=void"), both.env());
    assertEquals(List.of(new Node("/dev/nvidiactl", "/dev/nvidiactl", "rwm"), new Node("/dev/nvidia0", "/dev/nvidia0", "rw"), new Node("/dev/nvidia7", "/dev/nvidia1", "rwm")), both.nodes());
    assertEquals(List.of(new FileMount("/usr/lib/libcuda.so.1", "/usr/lib/libcuda.so.1", true, true)), both.mounts());
    assertEquals(List.of("44"), both.groups());
    assertEquals(DeviceEdits.none(), edits());
    assertEquals(Set.of("nvidia.com/gpu=0", "nvidia.com/gpu=1", "nvidia.com/gpu=all"), catalog(Hooks.REFUSE).names());
  }

  @Test
  void gpusAreTheDevicesOfAKindOfThatName() {
    assertEquals(edits(cdi("nvidia.com/gpu=all")), edits(gpus("", -1)));
    assertEquals(edits(cdi("nvidia.com/gpu=0", "nvidia.com/gpu=1")), edits(gpus("nvidia", 2)));
    assertEquals(edits(cdi("nvidia.com/gpu=1")), edits(gpus("", 0, "1")));
    refused(ErrorKind.INVALID, "could not select device driver \"amd\" with capabilities: [[gpu]]", () -> edits(gpus("amd", -1)));
    refused(ErrorKind.INVALID, "could not select device driver \"\" with capabilities: [[tpu]]", () -> edits(new DeviceRequest("", 1, List.of(), List.of(List.of("tpu")), Map.of())));
    refused(ErrorKind.INVALID, "unresolvable CDI devices nvidia.com/gpu=2", () -> edits(gpus("", 3)));
    refused(ErrorKind.INVALID, "64 devices", () -> edits(gpus("", Integer.MAX_VALUE)));
  }

  @Test
  void aLaterFolderReplacesAnEarlierOnesDevice() throws IOException {
    Files.writeString(second.resolve("mine.json"), "{\"cdiVersion\":\"0.3.0\",\"kind\":\"nvidia.com/gpu\",\"devices\":[{\"name\":\"0\",\"containerEdits\":{\"env\":[\"A=b\"]}}]}");

    assertEquals(new DeviceEdits(List.of("A=b"), List.of(), List.of(), List.of()), edits(cdi("nvidia.com/gpu=0")));
    assertEquals(2, edits(cdi("nvidia.com/gpu=1")).nodes().size());
  }

  @Test
  void twoDescriptionsInOneFolderAreNone() throws IOException {
    Files.writeString(first.resolve("again.yml"), GPUS);

    refused(ErrorKind.INVALID, "nvidia.com/gpu=0 is described twice", () -> edits(cdi("nvidia.com/gpu=0")));
  }

  @Test
  void programsOfTheHostAreNotRun() throws IOException {
    Files.writeString(
        first.resolve("hooked.yaml"),
        "{cdiVersion: 0.5.0, kind: a.b/c, devices: [{name: d, containerEdits: {env: [X=y], hooks: [{hookName: createContainer, path: /usr/bin/hook, args: [hook]}]}}, {name: e, containerEdits: {intelRdt: {}}}]}");

    refused(ErrorKind.UNSUPPORTED, "(/usr/bin/hook)", () -> edits(cdi("a.b/c=d")));
    refused(ErrorKind.UNSUPPORTED, "intelRdt", () -> edits(cdi("a.b/c=e")));
    assertEquals(List.of("X=y"), catalog(Hooks.SKIP).edits(List.of(cdi("a.b/c=d"))).env());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[", "a: *b", "cdiVersion: 9.9.9", "{cdiVersion: 0.6.0, kind: nowhere}", "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: '../x'}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {deviceNodes: [{path: /etc/shadow}]}}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {deviceNodes: [{path: /dev/../etc/shadow}]}}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {deviceNodes: [{path: /dev/x, permissions: all}]}}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {mounts: [{hostPath: x, containerPath: /x}]}}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {env: ['=x']}}]}",
        "{cdiVersion: 0.6.0, kind: a.b/c, devices: [{name: x, containerEdits: {additionalGids: [-1]}}]}"
      })
  void aDescriptionThatIsWrongHidesNoOther(String text) throws IOException {
    Files.writeString(first.resolve("wrong.yaml"), text);

    refused(ErrorKind.INVALID, "wrong.yaml: ", () -> edits(cdi("a.b/c=x")));
    assertEquals(2, edits(cdi("nvidia.com/gpu=0")).nodes().size());
  }

  @Test
  void aRequestMustNameDevices() {
    refused(ErrorKind.INVALID, "names its devices", () -> edits(cdi()));
    refused(ErrorKind.INVALID, "names its devices", () -> edits(new DeviceRequest("cdi", 2, List.of("a.b/c=d"), List.of(), Map.of())));
    refused(ErrorKind.INVALID, "unresolvable CDI devices no name", () -> edits(cdi("no name")));
  }
}
