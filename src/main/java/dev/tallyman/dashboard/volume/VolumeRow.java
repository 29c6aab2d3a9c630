package dev.tallyman.dashboard.volume;

import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import java.util.List;

/** A volume in the list. @param users containers that have it */
record VolumeRow(Volume volume, List<Volumes.Users.User> users) {
  public boolean isUnused() {
    return users.isEmpty();
  }
}
