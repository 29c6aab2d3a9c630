/** Volumes as Docker's clients know them. */
@NullMarked
package dev.tallyman.engine.volume;

import org.jspecify.annotations.NullMarked;
