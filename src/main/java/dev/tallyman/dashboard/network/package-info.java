/** Pages of networks. */
@NullMarked
package dev.tallyman.dashboard.network;

import org.jspecify.annotations.NullMarked;
