package dev.tallyman.kernel;

/**
 * What a container's programs send to 127.0.0.11 port 53 arrives here. Descriptors of the container's network namespace, which lives as long as
 * they are open; who receives them closes them.
 *
 * @param tcp listens
 */
public record ResolverSockets(int udp, int tcp) {}
