/** Networks and volumes as the Docker Engine API shows them. */
@NullMarked
package dev.tallyman.engine.network;

import org.jspecify.annotations.NullMarked;
