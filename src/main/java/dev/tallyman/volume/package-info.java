/** Volumes of teams: names, options and labels in the table {@code volumes}, files in the kernel part's store. */
@NullMarked
package dev.tallyman.volume;

import org.jspecify.annotations.NullMarked;
