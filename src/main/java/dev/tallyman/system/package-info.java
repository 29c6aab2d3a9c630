/** This machine and what is stored on it: facts that more than one edge shows. Owns no table. */
@NullMarked
package dev.tallyman.system;

import org.jspecify.annotations.NullMarked;
