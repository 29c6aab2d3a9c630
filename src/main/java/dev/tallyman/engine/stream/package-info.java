/** Long answers and hijacked connections: back-pressure, framing, stdin, detach keys. */
@NullMarked
package dev.tallyman.engine.stream;

import org.jspecify.annotations.NullMarked;
