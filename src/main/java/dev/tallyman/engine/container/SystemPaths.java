package dev.tallyman.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.engine.http.Json;
import dev.tallyman.engine.http.JsonFields;
import java.util.ArrayList;
import java.util.List;

/** MaskedPaths and ReadonlyPaths: Docker's lists, or none of both ({@code --security-opt systempaths=unconfined}). */
final class SystemPaths {
  static final List<String> MASKED =
      List.of(
          "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
          "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware");

  static final List<String> READ_ONLY = List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  static final String UNCONFINED = "systempaths=unconfined";

  private SystemPaths() {}

  /** @return the security options, with the one that the lists stand for */
  static List<String> read(JsonFields host, List<String> securityOptions) {
    boolean isUnmasked = isEmptied(host, "MaskedPaths", MASKED);
    boolean isWritable = isEmptied(host, "ReadonlyPaths", READ_ONLY);
    if (isUnmasked != isWritable) {
      throw host.refusal(isUnmasked ? "MaskedPaths" : "ReadonlyPaths", "masked and read-only paths can only be lifted together");
    }
    if (!isUnmasked || securityOptions.contains(UNCONFINED)) {
      return securityOptions;
    }
    List<String> all = new ArrayList<>(securityOptions);
    all.add(UNCONFINED);
    return all;
  }

  private static boolean isEmptied(JsonFields host, String name, List<String> usual) {
    List<String> paths = host.textsOrNull(name);
    if (paths == null || paths.equals(usual)) {
      return false;
    }
    if (!paths.isEmpty()) {
      throw host.refusal(name, "own lists of paths are not possible; leave it out for the usual ones");
    }
    return true;
  }

  static JsonNode write(List<String> usual, List<String> securityOptions) {
    return Json.texts(securityOptions.contains(UNCONFINED) ? List.of() : usual);
  }
}
