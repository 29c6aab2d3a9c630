package dev.tallyman.build.dockerfile;

/** A key and its value as written, with quotes and variables; {@code legacy} says it was {@code KEY value} without the equals sign. */
public record Pair(String key, String value, boolean legacy) {}
