package dev.tallyman.log.forward;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Optional;

/** What an administrator decides about connections to receivers. */
@ConfigMapping(prefix = "tallyman.log")
interface ForwardSettings {
  /** File of certificates (PEM) of authorities that are believed instead of the platform's. */
  Optional<Path> authorities();
}
