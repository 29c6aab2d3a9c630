package dev.tallyman.build.remote;

import java.time.Instant;
import java.util.TimeZone;
import org.eclipse.jgit.lib.Config;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.jspecify.annotations.Nullable;

/** Nothing of the host has a say in what git's library does: no configuration of users or the system, no environment. Finding those would run a program. */
@SuppressWarnings("deprecation") // it must say what it would rather not be asked
final class QuietSystem extends SystemReader {
  static void install() {
    if (!(SystemReader.getInstance() instanceof QuietSystem)) {
      SystemReader.setInstance(new QuietSystem());
    }
  }

  private static FileBasedConfig empty(@Nullable Config parent, FS fs) {
    return new FileBasedConfig(parent, null, fs) {
      @Override
      public void load() {
        // There is nothing to read.
      }

      @Override
      public void save() {
        // It is not kept.
      }

      @Override
      public boolean isOutdated() {
        return false;
      }
    };
  }

  @Override
  public String getHostname() {
    return "localhost";
  }

  @Override
  public @Nullable String getenv(String variable) {
    return null;
  }

  @Override
  public String getProperty(String key) {
    return System.getProperty(key);
  }

  @Override
  public FileBasedConfig openUserConfig(@Nullable Config parent, FS fs) {
    return empty(parent, fs);
  }

  @Override
  public FileBasedConfig openSystemConfig(@Nullable Config parent, FS fs) {
    return empty(parent, fs);
  }

  @Override
  public FileBasedConfig openJGitConfig(@Nullable Config parent, FS fs) {
    return empty(parent, fs);
  }

  @Override
  public long getCurrentTime() {
    return System.currentTimeMillis();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public int getTimezone(long when) {
    return TimeZone.getTimeZone("UTC").getOffset(when) / 60_000;
  }
}
