/** The trail of who did what (table {@code audit}). Append-only; each row's hash covers the row before it; rows commit with what they describe. */
@NullMarked
package dev.tallyman.audit;

import org.jspecify.annotations.NullMarked;
