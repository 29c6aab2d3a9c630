package dev.tallyman.volume;

import java.time.Instant;
import java.util.Map;

/**
 * A volume as others see it.
 *
 * @param id name of its folder in the kernel part's store; never shown to containers
 * @param driver always {@code local}
 * @param options of the driver: {@code type}, {@code o}, {@code device}; without a type its files are in the store, and {@code size} limits them
 * @param isAnonymous made for one container, and removed with it if asked
 */
public record Volume(
    String id, String name, String driver, Map<String, String> options, Map<String, String> labels, boolean isAnonymous, long team, String creator, Instant createdAt) {
  public Volume {
    options = Map.copyOf(options);
    labels = Map.copyOf(labels);
  }

  /** Whether its files are in the store, not in memory or elsewhere on the host. */
  public boolean isStored() {
    return !options.containsKey("type");
  }

  /** What its files and folders may take on disk; 0 = as much as there is. */
  public long limitBytes() {
    return VolumeRules.sizeLimit(options);
  }
}
