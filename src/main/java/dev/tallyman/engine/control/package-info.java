/** BuildKit's control and gateway API, as far as clients need it to build Dockerfiles. */
@NullMarked
package dev.tallyman.engine.control;

import org.jspecify.annotations.NullMarked;
