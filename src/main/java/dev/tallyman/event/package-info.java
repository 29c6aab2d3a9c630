/** What happens, for {@code docker events} and the dashboard: live, and as a bounded history. Owns the table {@code events}. */
@NullMarked
package dev.tallyman.event;

import org.jspecify.annotations.NullMarked;
