package dev.tallyman.app;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Path;

/** Takes the instance's folders, then starts the server. */
@QuarkusMain
public class Main {
  Main() {}

  /** Ends with 3 when another server has the folders, or their inventory is lost. */
  public static void main(String... args) throws IOException {
    // Before the platform starts: it would take the socket over and only then find the database locked.
    SmallRyeConfig settings = new SmallRyeConfigBuilder().addDefaultInterceptors().addDefaultSources().build();
    Path state = Path.of(settings.getOptionalValue("tallyman.state", String.class).orElse("/var/lib/tallyman")).resolve("server");
    Path run = Path.of(settings.getOptionalValue("tallyman.run", String.class).orElse("/run/tallyman"));
    InstanceLock ofState;
    InstanceLock ofRun;
    try {
      ofState = InstanceLock.take(state);
      ofRun = InstanceLock.take(run);
      InventoryFile.requirePresent(state);
    } catch (CannotStartException e) {
      System.err.println("cannot start: " + e.getMessage());
      System.exit(3);
      return;
    }
    Ballast ballast = new Ballast(state.resolve("ballast"));
    ballast.take();
    BallastedFile.use(ballast);
    try (ofState;
        ofRun) {
      Quarkus.run(args);
    }
  }
}
