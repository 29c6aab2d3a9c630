/** Pages of containers: list, create form, one container and its live parts. */
@NullMarked
package dev.tallyman.dashboard.container;

import org.jspecify.annotations.NullMarked;
