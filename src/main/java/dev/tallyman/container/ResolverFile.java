package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.FileRow;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.jboss.logging.Logger;

/** Lets /etc/resolv.conf of a running container name who answers it: the server on networks of one's own, else the host's resolvers. */
@Singleton
class ResolverFile {
  private static final Logger LOG = Logger.getLogger(ResolverFile.class);
  private static final String PATH = "/etc/resolv.conf";
  private static final int MODE = 0644;

  private final Sandboxes sandboxes;

  @Inject
  ResolverFile(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  static String text(Facts facts) {
    return facts.hasResolver() ? HostFiles.ownResolv(facts.spec()) : HostFiles.resolv(facts.spec());
  }

  /**
   * After a change of the networks of a running container. A file that was mounted there by its creator, or is not what the server wrote stays as somebody in the container made it,
   * and a container whose file cannot be written is on its networks all the same.
   */
  void follow(Facts before, Facts after) {
    byte[] written = text(before).getBytes(StandardCharsets.UTF_8);
    byte[] wanted = text(after).getBytes(StandardCharsets.UTF_8);
    boolean isOurs = after.plan().mounts().stream().noneMatch(each -> each.target().equals(PATH));
    if (!isOurs || Arrays.equals(written, wanted)) {
      return;
    }
    try {
      FileRow found = sandboxes.stat(after.id(), after.plan().layers(), PATH);
      String path = found.link().isEmpty() ? PATH : found.link();
      if (Arrays.equals(written, content(after, path, written.length))) {
        write(after, path, wanted);
      }
    } catch (TallymanException e) {
      LOG.warnf("%s of container %s stays as it is until the next start: %s", PATH, after.id(), e.getMessage());
    }
  }

  /** @param size of what is looked for; what the container made of another size is not read at all */
  private byte[] content(Facts facts, String path, int size) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    sandboxes.get(
        facts.id(), facts.plan().layers(), path, true,
        row -> {
          if (row.size() != size) {
            throw new TallymanException(ErrorKind.CONFLICT, "it was changed in the container");
          }
        },
        content);
    return content.toByteArray();
  }

  private void write(Facts facts, String path, byte[] text) {
    int slash = path.lastIndexOf('/');
    sandboxes.overwrite(
        facts.id(), facts.plan().layers(), path.substring(0, slash + 1),
        OneFileTar.of(path.substring(slash + 1), MODE, text.length, Instant.now(), new ByteArrayInputStream(text)));
  }
}
