package dev.tallyman.account;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;

/** Settings of accounts. */
@ConfigMapping(prefix = "tallyman.account")
interface AccountConfig {
  /** A session ends this long after its login, however busy it is. */
  @WithDefault("12h")
  Duration sessionLifetime();

  /**
   * First password of the first account, made by the start script; read only while there is no account. Without the file that account
   * has no usable password and root sets one through the unix socket.
   */
  @WithDefault("${tallyman.state}/server/first-password")
  Path firstPasswordFile();
}
