/** Images as the Docker Engine API shows them. */
@NullMarked
package dev.tallyman.engine.image;

import org.jspecify.annotations.NullMarked;
