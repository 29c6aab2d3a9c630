/** Live facts for {@code docker events} and the dashboard. In memory only. */
@NullMarked
package dev.tallyman.event;

import org.jspecify.annotations.NullMarked;
