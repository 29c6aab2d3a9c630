/** Facts about the server, events, and the answers of parts of the Docker Engine API that this server does not have. */
@NullMarked
package dev.tallyman.engine.system;

import org.jspecify.annotations.NullMarked;
