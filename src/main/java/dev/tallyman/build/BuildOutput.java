package dev.tallyman.build;

import dev.tallyman.distribution.TransferProgress;

/** Told how a build goes; what it throws ends the build. */
public interface BuildOutput {
  /** Text as it is, with its line ends. */
  void text(String text);

  /** The id of the image that was made. */
  void made(String image);

  TransferProgress transfer();
}
