/**
 * Containers: their inventory with its memory, their life, and what clients may ask of them. Owns the tables {@code containers} and
 * {@code container_moments}.
 *
 * <p>The inventory of this machine is kept in memory as well; a change is committed first and shown then. Each container has a lock, under
 * which its changes follow each other; a thread holds one such lock at a time. No transaction is open while the helper works.
 */
@NullMarked
package dev.tallyman.container;

import org.jspecify.annotations.NullMarked;
