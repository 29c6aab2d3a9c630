package dev.tallyman.build.remote;

import java.util.HashSet;
import java.util.Set;

/** Who may work now: few at once, as each takes memory, and of each team one, so that no team has the others wait. */
final class Turns {
  private static final long LOOK_MILLIS = 200;

  private final int most;
  private final Set<Long> teams = new HashSet<>();

  Turns(int most) {
    this.most = most;
  }

  /** Waits for a turn. @param check asked now and then whether to go on waiting */
  synchronized void enter(long team, Runnable check) throws InterruptedException {
    while (teams.size() == most || teams.contains(team)) {
      check.run();
      wait(LOOK_MILLIS);
    }
    teams.add(team);
  }

  synchronized void leave(long team) {
    teams.remove(team);
    notifyAll();
  }
}
