/** Containers as the Docker Engine API shows them. */
@NullMarked
package dev.tallyman.engine.container;

import org.jspecify.annotations.NullMarked;
