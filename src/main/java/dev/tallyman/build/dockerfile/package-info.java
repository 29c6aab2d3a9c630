/**
 * The language of Dockerfiles and of {@code .dockerignore}: from text to instructions with their positions, and nothing else. No input or
 * output, no injection; every bound on hostile text is kept here.
 */
@NullMarked
package dev.tallyman.build.dockerfile;

import org.jspecify.annotations.NullMarked;
