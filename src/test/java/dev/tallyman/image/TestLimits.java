package dev.tallyman.image;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;

/** Limits without a booted server. */
final class TestLimits {
  private TestLimits() {}

  /** @param changes e.g. {@code layer-max} → {@code 1M} */
  static ImageLimits with(Map<String, String> changes) {
    SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder().withMapping(ImageLimits.class).withConverter(MemorySize.class, 100, new MemorySizeConverter());
    changes.forEach((name, value) -> builder.withDefaultValue("tallyman.image." + name, value));
    return builder.build().getConfigMapping(ImageLimits.class);
  }
}
