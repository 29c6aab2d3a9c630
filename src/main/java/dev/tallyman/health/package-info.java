/**
 * Runs health checks in containers. One timer for all; a check that waits holds no thread of the platform. What they say is kept by
 * {@link dev.tallyman.container.HealthBook}.
 */
@NullMarked
package dev.tallyman.health;

import org.jspecify.annotations.NullMarked;
