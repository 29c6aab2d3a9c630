/**
 * The native helper as the {@code kernel} interfaces: one spawn, one request packet, one reply. The codec ({@code Request}, {@code Reply}) is
 * pure; {@code HelperErrors} gives every refusal its kind and fixed text.
 */
@org.jspecify.annotations.NullMarked
package dev.tallyman.kernel.helper;
