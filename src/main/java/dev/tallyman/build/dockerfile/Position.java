package dev.tallyman.build.dockerfile;

/**
 * Where something stands in a Dockerfile.
 *
 * @param line first line, from 1
 * @param column first character on that line, from 1
 * @param lastLine last line, here-documents included
 */
public record Position(int line, int column, int lastLine) {}
