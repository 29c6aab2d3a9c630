package dev.tallyman.build;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much one build may take. */
@ConfigMapping(prefix = "tallyman.build")
interface BuildLimits {
  /** A context, packed and unpacked. */
  @WithDefault("16G")
  MemorySize contextMax();

  /** Files, directories and links of a context; each is remembered in memory. */
  @WithDefault("1000000")
  int entriesMax();

  /** How many unpacked bytes one packed byte may give, counted beyond {@link #freeExpansion()}. */
  @WithDefault("200")
  int expansionMax();

  /** Unpacked bytes that are not held against the ratio. */
  @WithDefault("256M")
  MemorySize freeExpansion();

  /** Stages of one build at the same time; 0 = two for each core, at least four, as commands wait a lot. */
  @WithDefault("0")
  int stagesMax();

  /** Ended builds of a team of which a record is kept, some kilobytes each. */
  @WithDefault("500")
  int recordsMax();

  /** Characters of what commands write that the record of a build keeps, at most 512K, a quarter of them for each command; 0 = none. */
  @WithDefault("256K")
  MemorySize outputMax();

  /** Builds at the same time. */
  @WithDefault("16")
  int buildsMax();
}
