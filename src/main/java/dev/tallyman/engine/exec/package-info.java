/** Further commands in containers as the Docker Engine API shows them. */
@NullMarked
package dev.tallyman.engine.exec;

import org.jspecify.annotations.NullMarked;
