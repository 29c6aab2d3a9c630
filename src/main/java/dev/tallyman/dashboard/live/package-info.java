/** Server-sent events: what happens, output and use of a container, as long as a page is open. */
@NullMarked
package dev.tallyman.dashboard.live;

import org.jspecify.annotations.NullMarked;
