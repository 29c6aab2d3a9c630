package dev.tallyman.image;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much one archive of a client may take. Every image that real tools build stays far below. */
@ConfigMapping(prefix = "tallyman.image")
interface ImageLimits {
  /** One layer, uncompressed. Large model images have layers of about 20 GiB. */
  @WithDefault("64G")
  MemorySize layerMax();

  /** A whole archive as sent, before the outer decompression and after it. */
  @WithDefault("128G")
  MemorySize archiveMax();

  /** Entries of an archive of images (not of the layers within). */
  @WithDefault("20000")
  int archiveEntriesMax();

  /** Layers of one archive; each is unpacked before the archive is known to be good. */
  @WithDefault("2000")
  int archiveLayersMax();

  /** One JSON document of an archive, kept in memory. */
  @WithDefault("4M")
  MemorySize documentMax();

  /** All documents of one archive together. */
  @WithDefault("64M")
  MemorySize documentsMax();

  /** How many uncompressed bytes one compressed byte may give, counted beyond {@link #freeExpansion()}. Text of source code reaches 10. */
  @WithDefault("200")
  int expansionMax();

  /** Uncompressed bytes that are not held against the ratio, so that small layers full of zeros still load. */
  @WithDefault("256M")
  MemorySize freeExpansion();

  /** Images in one archive. */
  @WithDefault("1000")
  int imagesMax();
}
