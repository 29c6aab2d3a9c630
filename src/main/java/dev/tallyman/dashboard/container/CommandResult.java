package dev.tallyman.dashboard.container;

import org.jspecify.annotations.Nullable;

/**
 * What came of a command.
 *
 * @param exitCode absent when it was refused or still runs
 * @param isCut true if there was more output than is shown
 * @param refusal why it did not run
 */
record CommandResult(String command, String output, @Nullable Integer exitCode, boolean isCut, @Nullable String refusal) {
  static CommandResult refused(String command, String why) {
    return new CommandResult(command, "", null, false, why);
  }

  public boolean isStillRunning() {
    return refusal == null && exitCode == null;
  }
}
