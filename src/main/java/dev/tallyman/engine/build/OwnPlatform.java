package dev.tallyman.engine.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;

/** The platform that images are built for: this machine's. */
public final class OwnPlatform {
  private static final String NAME = "linux/" + architecture();

  private OwnPlatform() {}

  public static String architecture() {
    return System.getProperty("os.arch", "").equals("aarch64") ? "arm64" : "amd64";
  }

  /** @param asked empty = any. @throws TallymanException UNSUPPORTED for another one */
  public static void require(String asked) {
    if (!asked.isEmpty() && !asked.equals(NAME) && !asked.equals("linux")) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "this server builds for " + NAME + " only, not for " + asked);
    }
  }
}
