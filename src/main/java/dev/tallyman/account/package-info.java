/**
 * Accounts and what proves them: passwords, sessions, tokens, user ids on the unix socket (tables {@code teams}, {@code accounts},
 * {@code sessions}, {@code tokens}). Secrets are stored as hashes; a change takes effect at once everywhere.
 */
@NullMarked
package dev.tallyman.account;

import org.jspecify.annotations.NullMarked;
