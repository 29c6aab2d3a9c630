/** The page of events. */
@NullMarked
package dev.tallyman.dashboard.event;

import org.jspecify.annotations.NullMarked;
