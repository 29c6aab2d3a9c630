package dev.tallyman.build;

import org.jspecify.annotations.Nullable;

/** Values and agents that commands of a build may use, and that nothing of the build keeps. */
public interface BuildSecrets {
  /**
   * Asked when a command needs it, perhaps several times.
   *
   * @return a copy, which whoever gets it wipes; absent when there is none of that id
   */
  byte @Nullable [] value(String id);

  default BuildAgents agents() {
    return BuildAgents.none();
  }

  static BuildSecrets none() {
    return id -> null;
  }
}
