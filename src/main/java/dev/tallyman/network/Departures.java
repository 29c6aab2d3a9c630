package dev.tallyman.network;

/** Containers that have ended while the kernel still holds their places on networks: it is taken down a moment after the end. */
public interface Departures {
  /** Takes it down at once. @return true if there was any */
  boolean flush();
}
