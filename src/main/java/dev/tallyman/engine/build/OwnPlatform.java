package dev.tallyman.engine.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Platform;

/** The platform that images are built for: this machine's. */
public final class OwnPlatform {
  private static final String NAME = "linux/" + architecture();

  private OwnPlatform() {}

  public static String architecture() {
    return Platform.here().architecture();
  }

  private static boolean isHere(Platform platform) {
    return platform.equals(Platform.here());
  }

  /** @param asked empty = any. @throws TallymanException INVALID for what is no platform, UNSUPPORTED for another one */
  public static void require(String asked) {
    if (asked.indexOf(',') >= 0 || !isHere(Platform.of(asked))) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "this server builds for " + NAME + " only, not for " + asked);
    }
  }
}
