/** Networks of containers: their bridges, and who has which address. Owns the table {@code networks}. */
@NullMarked
package dev.tallyman.network;

import org.jspecify.annotations.NullMarked;
