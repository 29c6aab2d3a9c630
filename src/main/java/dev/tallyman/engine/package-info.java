/** The Docker Engine API: what the docker client and its friends speak. An edge without rules of its own; services decide. */
@NullMarked
package dev.tallyman.engine;

import org.jspecify.annotations.NullMarked;
