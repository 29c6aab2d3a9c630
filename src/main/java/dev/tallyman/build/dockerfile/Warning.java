package dev.tallyman.build.dockerfile;

import org.jspecify.annotations.Nullable;

/**
 * A remark about a Dockerfile that builds all the same.
 *
 * @param rule name of the build check, as in {@code check=skip=NAME}
 * @param description what the check is about
 * @param url where the rule is explained
 * @param line from 1
 * @param detail what was found
 */
public record Warning(String rule, String description, @Nullable String url, int line, String detail) {}
