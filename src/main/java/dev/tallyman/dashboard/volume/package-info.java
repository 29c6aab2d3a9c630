/** Pages of volumes. */
@NullMarked
package dev.tallyman.dashboard.volume;

import org.jspecify.annotations.NullMarked;
