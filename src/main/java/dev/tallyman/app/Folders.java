package dev.tallyman.app;

import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes the folders that the start script has not made (tests, a first start by hand). */
@ApplicationScoped
class Folders {
  private final AppConfig config;

  @Inject
  Folders(AppConfig config) {
    this.config = config;
  }

  /** Before everything else that starts, and before the listeners open. */
  void onStart(@Observes @Priority(1) StartupEvent start) {
    make(config.state().resolve("server"));
    make(config.run());
  }

  private static void make(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder + ": it must be writable for the server's user", e);
    }
  }
}
