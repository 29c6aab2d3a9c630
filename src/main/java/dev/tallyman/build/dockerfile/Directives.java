package dev.tallyman.build.dockerfile;

import org.jspecify.annotations.Nullable;

/**
 * Parser directives, the comments of the form {@code # name=value} that open a Dockerfile.
 *
 * @param syntax the frontend that was asked for; this server has one only
 * @param escape backslash or backtick
 * @param check options of the build checks, see {@link Checks}
 */
public record Directives(@Nullable String syntax, char escape, @Nullable String check) {}
