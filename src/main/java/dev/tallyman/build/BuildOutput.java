package dev.tallyman.build;

import dev.tallyman.build.dockerfile.Warning;
import dev.tallyman.distribution.Distribution;
import dev.tallyman.distribution.TransferProgress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Told how a build goes; what it throws ends the build. By default all is the text of the classic builder. */
public interface BuildOutput {
  /** Text as it is, with its line ends: what a command writes, and warnings. */
  void text(String text);

  /** The same, of a command's stderr. */
  default void errors(String text) {
    text(text);
  }

  /** The id of the image that was made. */
  void made(String image);

  TransferProgress transfer();

  /** The build's cache lies in a content store now. @param manifest by which it is found there */
  default void cacheStored(Distribution.Stored manifest) {}

  /** What the Dockerfile says, before anything of it is done. */
  default void dockerfile(String name, String text) {}

  /** A remark of the build checks, told at the end. */
  default void warning(Warning warning) {
    text("[Warning] " + warning.rule() + ": " + warning.detail() + " (line " + warning.line() + ")\n");
  }

  /** Something begins that is before the first step or behind the last. What was before is done. */
  default void phase(String name) {}

  /** A step begins; what was before is done. @param text its instruction */
  default void step(int number, int count, String text) {
    text("Step " + number + "/" + count + " : " + text + "\n");
  }

  /** By default stages are told in the order in which they are written, whatever runs first. @param stages in that order */
  default StageVoices voices(List<StageVoices.Label> stages) {
    return new StageOutputs(this, stages.stream().map(StageVoices.Label::index).toList());
  }

  /** The step's result is from the cache. */
  default void reused() {
    remark(" ---> Using cache");
  }

  /** What the classic builder says between steps, and others show in their own way. */
  default void remark(String line) {
    text(line + "\n");
  }

  /** Who gets the files of the result, too; absent: nobody. */
  default @Nullable FileTarget target() {
    return null;
  }
}
