/** Pages of the Index: repositories, tags and images. */
@NullMarked
package dev.tallyman.dashboard.repository;

import org.jspecify.annotations.NullMarked;
