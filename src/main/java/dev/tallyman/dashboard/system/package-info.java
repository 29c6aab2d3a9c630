/** Pages of the system. */
@NullMarked
package dev.tallyman.dashboard.system;

import org.jspecify.annotations.NullMarked;
