package dev.tallyman.engine.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Set;

/** The platform that containers run on: this machine's. */
final class Platforms {
  private Platforms() {}

  /** @throws TallymanException NOT_FOUND, as dockerd answers when an image is not there for a platform */
  static void require(String wanted) {
    if (wanted.isEmpty()) {
      return;
    }
    boolean isArm = System.getProperty("os.arch").equals("aarch64");
    Set<String> ours = isArm ? Set.of("linux", "linux/arm64", "linux/arm64/v8", "linux/aarch64") : Set.of("linux", "linux/amd64", "linux/x86_64");
    if (!ours.contains(wanted)) {
      throw new TallymanException(ErrorKind.INVALID, "the platform " + wanted + " is not this machine's, which is linux/" + (isArm ? "arm64" : "amd64"));
    }
  }
}
