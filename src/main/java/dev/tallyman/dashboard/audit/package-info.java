/** The page of the audit trail. */
@NullMarked
package dev.tallyman.dashboard.audit;

import org.jspecify.annotations.NullMarked;
