package dev.tallyman.build.remote;

import dev.tallyman.error.TallymanException;

/** Whoever waits for something to come from outside. */
public interface Waiting {
  /** @throws TallymanException CONFLICT if nobody waits any more */
  void check();

  /** @param end runs when nobody waits any more, perhaps at once; forget it by closing */
  Ticket on(Runnable end);

  interface Ticket extends AutoCloseable {
    @Override
    void close();
  }
}
