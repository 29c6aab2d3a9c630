package dev.tallyman.build;

import dev.tallyman.distribution.TransferProgress;

/** Told how a build goes; what it throws ends the build. By default all is the text of the classic builder. */
public interface BuildOutput {
  /** Text as it is, with its line ends: what a command writes, and warnings. */
  void text(String text);

  /** The id of the image that was made. */
  void made(String image);

  TransferProgress transfer();

  /** Something begins that is before the first step. What was before is done. */
  default void phase(String name) {}

  /** A step begins; what was before is done. @param text its instruction */
  default void step(int number, int count, String text) {
    text("Step " + number + "/" + count + " : " + text + "\n");
  }

  /** The step's result is from the cache. */
  default void reused() {
    remark(" ---> Using cache");
  }

  /** What the classic builder says between steps, and others show in their own way. */
  default void remark(String line) {
    text(line + "\n");
  }
}
