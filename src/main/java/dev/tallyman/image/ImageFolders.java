package dev.tallyman.image;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;

/** Where blobs are kept: below the state folder, which is the same for every feature. */
@ConfigMapping(prefix = "tallyman")
interface ImageFolders {
  @WithDefault("/var/lib/tallyman")
  Path state();
}
