/**
 * The Docker Index: a registry by the OCI distribution specification 1.1 at {@code /v2/}. Owns the tables index_*; the bytes lie in the image
 * package's content-addressed store, shared with layers of images.
 *
 * <p>Invariants: a row is committed after its bytes are on disk; a blob is served only from a repository that names it; the first part of a
 * repository's name is the team that owns it.
 */
@NullMarked
package dev.tallyman.index;

import org.jspecify.annotations.NullMarked;
