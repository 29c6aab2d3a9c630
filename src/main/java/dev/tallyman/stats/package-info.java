/** What containers use of the machine. */
@org.jspecify.annotations.NullMarked
package dev.tallyman.stats;
