/** Further commands in running containers. Kept in memory: what stays of an exec is its audit row. */
@NullMarked
package dev.tallyman.exec;

import org.jspecify.annotations.NullMarked;
