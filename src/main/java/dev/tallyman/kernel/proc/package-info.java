/** Readers of /proc and of control group files (versions 1, 2 and hybrid). They need no rights beyond those of any user. */
@org.jspecify.annotations.NullMarked
package dev.tallyman.kernel.proc;
