/** Images from Dockerfiles. {@code dockerfile} below is the language by itself. */
@NullMarked
package dev.tallyman.build;

import org.jspecify.annotations.NullMarked;
