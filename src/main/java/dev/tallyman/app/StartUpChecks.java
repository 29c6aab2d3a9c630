package dev.tallyman.app;

import dev.tallyman.kernel.KernelProbe;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.DomainSocketServerStart;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.jboss.logging.Logger;

/** Says in the log what an operator should know, once, at start. */
@ApplicationScoped
class StartUpChecks {
  private static final Logger LOG = Logger.getLogger(StartUpChecks.class);

  private final KernelProbe kernel;
  private final AppConfig config;

  @Inject
  StartUpChecks(KernelProbe kernel, AppConfig config) {
    this.kernel = kernel;
    this.config = config;
  }

  void onStart(@Observes @Priority(5000) StartupEvent start) {
    InventoryFile.mark(config.state().resolve("server"));
    kernel.obstacle().ifPresent(reason -> LOG.errorf("no container can be started: %s", reason));
    LoadedClasses.whyNotFromArchive(config.archive(), System.getProperty("java.vm.info", "")).ifPresent(LOG::info);
    if (isRoot()) {
      LOG.warn("this server runs as root: a fault in it is a fault of the whole machine; ./tallyman up runs it as user tallyman");
    }
  }

  /** Owner and group may connect; the mask of this process may have left the group out. */
  void onSocket(@ObservesAsync DomainSocketServerStart start) {
    Path socket = config.run().resolve("docker.sock");
    try {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
    } catch (IOException e) {
      LOG.warnf("the mode of %s could not be set: %s", socket, e.getMessage());
    }
  }

  private static boolean isRoot() {
    try {
      return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }
}
