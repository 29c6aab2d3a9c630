package dev.tallyman.container;

import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/** Tells everybody who wants to know of the beginnings and ends of runs. */
@Singleton
class Runs {
  private static final Logger LOG = Logger.getLogger(Runs.class);

  private final Instance<RunListener> listeners;
  private final HealthBook health;

  @Inject
  Runs(Instance<RunListener> listeners, HealthBook health) {
    this.listeners = listeners;
    this.health = health;
  }

  void began(Cell cell, boolean isAdopted) {
    health.begin(cell, isAdopted);
    tell(cell, true);
  }

  void ended(Cell cell) {
    health.end(cell);
    tell(cell, false);
  }

  private void tell(Cell cell, boolean isBeginning) {
    for (RunListener listener : listeners) {
      try {
        if (isBeginning) {
          listener.began(cell.shown());
        } else {
          listener.ended(cell.shown());
        }
      } catch (RuntimeException e) {
        // What one of them makes of it must not stop a container.
        LOG.errorf(e, "a listener failed on container %s", cell.id);
      }
    }
  }
}
