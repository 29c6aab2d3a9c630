package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jboss.logging.Logger;

/** Lets /etc/resolv.conf of a running container name who answers it: the server on networks of one's own, else the host's resolvers. */
@Singleton
class ResolverFile {
  private static final Logger LOG = Logger.getLogger(ResolverFile.class);
  private static final String PATH = "/etc/resolv.conf";

  private final Inventory inventory;
  private final EtcFiles files;

  @Inject
  ResolverFile(Inventory inventory, EtcFiles files) {
    this.inventory = inventory;
    this.files = files;
  }

  static String text(Facts facts) {
    return facts.hasResolver() ? HostFiles.ownResolv(facts.spec()) : HostFiles.resolv(facts.spec());
  }

  /**
   * After a change of the networks of a running container, in it and in those that share its network. A file that was mounted there by its creator, or is not what the server wrote
   * stays as somebody in the container made it, and a container whose file cannot be written is on its networks all the same.
   */
  void follow(Facts before, Facts after) {
    byte[] written = text(before).getBytes(StandardCharsets.UTF_8);
    byte[] wanted = text(after).getBytes(StandardCharsets.UTF_8);
    if (Arrays.equals(written, wanted)) {
      return;
    }
    follow(after, written, wanted);
    String mode = Modes.CONTAINER + after.id();
    for (Cell each : inventory.all()) {
      if (each.facts().spec().networkMode().equals(mode) && each.state().isAlive()) {
        follow(each.facts(), written, wanted);
      }
    }
  }

  private void follow(Facts facts, byte[] written, byte[] wanted) {
    if (!files.isOurs(facts, PATH)) {
      return;
    }
    try {
      String path = files.place(facts, PATH);
      if (Arrays.equals(written, files.content(facts, path, written.length))) {
        files.write(facts, path, wanted);
      }
    } catch (TallymanException e) {
      LOG.warnf("%s of container %s stays as it is until the next start: %s", PATH, facts.id(), e.getMessage());
    }
  }
}
