/**
 * Images to and from registries: the client side of the OCI distribution specification. What a registry says is checked before anything is
 * believed, and where it points to is no place to send credentials to.
 */
@NullMarked
package dev.tallyman.distribution;

import org.jspecify.annotations.NullMarked;
