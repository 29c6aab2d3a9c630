/** Builds as the Docker Engine API has them. */
@NullMarked
package dev.tallyman.engine.build;

import org.jspecify.annotations.NullMarked;
