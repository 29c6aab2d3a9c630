package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerState;

/** Which buttons make sense for a container now and would not be refused to the reader. */
record Actions(boolean start, boolean stop, boolean restart, boolean pause, boolean unpause, boolean kill, boolean remove) {
  static Actions of(Container container, boolean canChange) {
    if (!canChange) {
      return new Actions(false, false, false, false, false, false, false);
    }
    ContainerState state = container.state();
    return switch (state) {
      case CREATED, EXITED -> new Actions(true, false, false, false, false, false, true);
      case RUNNING -> new Actions(false, true, true, true, false, true, true);
      case PAUSED -> new Actions(false, true, false, false, true, true, true);
      case RESTARTING -> new Actions(false, true, true, false, false, true, true);
      case REMOVING, REMOVED -> new Actions(false, false, false, false, false, false, false);
    };
  }

  public boolean any() {
    return start || stop || restart || pause || unpause || kill || remove;
  }

  /** True if there is something behind the button with the three dots. */
  public boolean more() {
    return restart || pause || kill;
  }
}
