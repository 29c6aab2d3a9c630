package dev.tallyman.device;

import java.util.List;
import java.util.Map;

/**
 * One entry of Docker's {@code DeviceRequests}; absent parts are empty.
 *
 * @param driver {@code cdi} where ids are whole names; empty for {@code --gpus}
 * @param count of devices, -1 = all; 0 where ids say which
 * @param ids {@code vendor.com/class=name}, or the name alone for {@code --gpus device=0}
 * @param capabilities alternatives, each a list that a device must have all of, e.g. {@code [[gpu]]}
 */
public record DeviceRequest(String driver, int count, List<String> ids, List<List<String>> capabilities, Map<String, String> options) {
  public DeviceRequest {
    driver = driver == null ? "" : driver;
    ids = ids == null ? List.of() : List.copyOf(ids);
    capabilities = capabilities == null ? List.of() : capabilities.stream().map(List::copyOf).toList();
    options = options == null ? Map.of() : Map.copyOf(options);
  }

  /** Whether devices of this kind are meant, e.g. {@code nvidia.com/gpu}. */
  boolean isForGpusOf(String kind) {
    return kind.endsWith("/gpu") && (driver.isEmpty() || kind.startsWith(driver + ".")) && capabilities.stream().anyMatch(each -> each.contains("gpu"));
  }
}
