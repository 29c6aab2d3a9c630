/** The C library through JNR-FFI: the only place that knows {@code jnr}. One method per function of libc; errors are {@link dev.tallyman.kernel.libc.LibcException}. */
@org.jspecify.annotations.NullMarked
package dev.tallyman.kernel.libc;
