package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.FileRow;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jboss.logging.Logger;

/** Reads and writes the files of /etc that the server wrote for a running container. What they hold now is up to the programs there. */
@Singleton
class EtcFiles {
  private static final Logger LOG = Logger.getLogger(EtcFiles.class);
  /** Less than the helper takes for one of them. */
  private static final int MAX_BYTES = 60_000;

  private static final int DATABASE_BYTES = 1 << 20;

  private static final int MODE = 0644;

  private final Sandboxes sandboxes;

  @Inject
  EtcFiles(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  /** False if the creator mounted something else there. */
  boolean isOurs(Facts facts, String path) {
    return facts.plan().mounts().stream().noneMatch(each -> each.target().equals(path));
  }

  /** Where the image has a link instead of the file. */
  String place(Facts facts, String path) {
    FileRow found = sandboxes.stat(facts.id(), facts.plan().layers(), path);
    return found.link().isEmpty() ? path : found.link();
  }

  /** @param size of what is looked for; what the container made of another size is not read at all, and CONFLICT */
  byte[] content(Facts facts, String path, int size) {
    return content(facts, path, size, size);
  }

  /** Names of users or groups; nothing larger than the helper would look through (native-helper/src/init/user.c). */
  String database(Facts facts, String path) {
    return new String(content(facts, place(facts, path), 0, DATABASE_BYTES), StandardCharsets.UTF_8);
  }

  private byte[] content(Facts facts, String path, int least, int most) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    sandboxes.get(
        facts.id(), facts.plan().layers(), path, true,
        row -> {
          if (row.size() < least || row.size() > most) {
            throw new TallymanException(ErrorKind.CONFLICT, "it was changed in the container");
          }
        },
        content);
    return content.toByteArray();
  }

  /** Over a file that is there. @param path of {@link #place} */
  void write(Facts facts, String path, byte[] text) {
    int slash = path.lastIndexOf('/');
    sandboxes.overwrite(
        facts.id(), facts.plan().layers(), path.substring(0, slash + 1),
        OneFileTar.of(path.substring(slash + 1), MODE, text.length, Instant.now(), new ByteArrayInputStream(text)));
  }

  /** As a container that shares them sees them. @param written what the server wrote; taken where the present text cannot be */
  String shared(Facts facts, String path, String written) {
    if (!isOurs(facts, path)) {
      return written;
    }
    try {
      byte[] bytes = content(facts, place(facts, path), 0, MAX_BYTES);
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return bytes.length > MAX_BYTES || text.indexOf('\0') >= 0 ? written : text;
    } catch (TallymanException | CharacterCodingException e) {
      LOG.debugf("%s of container %s is shared as the server wrote it: %s", path, facts.id(), e.getMessage());
      return written;
    }
  }
}
