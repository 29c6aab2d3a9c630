package dev.tallyman.network;

import java.util.Collection;

/** Containers that have ended while the kernel still holds their places on networks: those are taken down a moment after the end. */
public interface Departures {
  /** Takes down at once what is due of these containers; the others are left in peace. Waits for what is being taken down. */
  void finish(Collection<String> containers);
}
