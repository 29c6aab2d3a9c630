package dev.tallyman.device;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;

/** Settings of devices by name. */
@ConfigMapping(prefix = "tallyman.cdi")
interface DeviceConfig {
  /** Where descriptions of devices lie; a later folder's replace those of an earlier one. */
  @WithDefault("/etc/cdi,/var/run/cdi")
  List<Path> folders();

  /** What becomes of programs that a description wants to be run on the host, which is never done. */
  @WithDefault("refuse")
  Hooks hooks();

  enum Hooks {
    /** The container is refused. */
    REFUSE,
    /** It starts without: links and caches of libraries that they would make must be in the image. */
    SKIP
  }
}
