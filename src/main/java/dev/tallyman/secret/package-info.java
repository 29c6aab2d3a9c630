/** Secrets of teams: small values that containers get as files in memory. In the table {@code secrets} encrypted; the key is a file beside the database. */
@NullMarked
package dev.tallyman.secret;

import org.jspecify.annotations.NullMarked;
