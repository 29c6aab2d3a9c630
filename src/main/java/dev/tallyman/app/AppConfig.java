package dev.tallyman.app;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Where this instance lives. Two instances on one machine differ in both. */
@ConfigMapping(prefix = "tallyman")
interface AppConfig {
  /** Inventory and blobs; survives reboots. */
  @WithDefault("/var/lib/tallyman")
  Path state();

  /** The unix socket; does not survive reboots. */
  @WithDefault("/run/tallyman")
  Path run();

  /** The setuid helper. */
  @WithDefault("/usr/lib/tallyman/helper")
  Path helper();

  /** The archive of loaded classes that the virtual machine was told to start from; absent = none. Only named in the log. */
  Optional<Path> archive();
}
