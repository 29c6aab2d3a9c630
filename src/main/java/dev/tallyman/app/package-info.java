/** Start and end of the server: its folders, its checks, its readiness. */
@NullMarked
package dev.tallyman.app;

import org.jspecify.annotations.NullMarked;
