/** Pages of secrets. */
@NullMarked
package dev.tallyman.dashboard.secret;

import org.jspecify.annotations.NullMarked;
