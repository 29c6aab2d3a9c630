package dev.tallyman.container;

/**
 * Wants to know when containers begin and end to run. Every bean of this type is told, on a thread that holds the container's lock: it
 * must only note and schedule.
 */
public interface RunListener {
  /** A run begins, or goes on after a restart of the server. */
  void began(Container container);

  void ended(Container container);

  /** It is removed for good; what the kernel holds of it, its log among that, goes when this returns. */
  default void leaves(Container container) {}
}
