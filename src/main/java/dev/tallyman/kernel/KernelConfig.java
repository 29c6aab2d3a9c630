package dev.tallyman.kernel;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where the installation put its parts. */
@ConfigMapping(prefix = "tallyman")
public interface KernelConfig {
  /** The setuid program. */
  @WithDefault("/usr/lib/tallyman/helper")
  Path helper();

  /** State folder: {@code records/} below it is written by the monitors. */
  @WithDefault("/var/lib/tallyman")
  Path state();

  /** Sockets of the monitors. Beside the run folder, not in it: its parents must belong to root. */
  @WithDefault("/run/tallyman-monitor")
  Path monitor();
}
