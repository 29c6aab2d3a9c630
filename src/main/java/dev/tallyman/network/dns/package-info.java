/**
 * Names for containers: answers what they ask 127.0.0.11. A container is told the names of its own networks only; all else goes to the host's
 * resolvers, or to those its creator named. Knows nothing of networks but {@link dev.tallyman.network.dns.Directory}.
 */
@NullMarked
package dev.tallyman.network.dns;

import org.jspecify.annotations.NullMarked;
