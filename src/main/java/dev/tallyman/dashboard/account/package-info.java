/** Login, own password, own tokens, and accounts for administrators. */
@NullMarked
package dev.tallyman.dashboard.account;

import org.jspecify.annotations.NullMarked;
