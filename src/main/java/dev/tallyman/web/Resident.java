package dev.tallyman.web;

/**
 * A container whose programs use the Engine API through a socket of its own.
 *
 * @param container its id
 * @param account of whoever put the socket there; its programs speak for that account, as a member of the team
 * @param team the container's
 */
public record Resident(String container, long account, long team, String teamName) {}
