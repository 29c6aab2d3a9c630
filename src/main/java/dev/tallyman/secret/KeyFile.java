package dev.tallyman.secret;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.KernelConfig;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The key of all values of one kind: 32 random bytes that only the server's user reads, made with the first value. A copy of the database alone is worth nothing.
 * The bean is the one of secrets; others have files of their own beside it.
 */
@Singleton
public class KeyFile {
  static final String NAME = "secrets.key";
  private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

  private final Path file;
  private final String kind;
  private @Nullable Sealing sealing;

  @Inject
  KeyFile(KernelConfig config) {
    this(config.state().resolve("server"));
  }

  KeyFile(Path folder) {
    this(folder.resolve(NAME), "secret");
  }

  /** @param kind what one value is, e.g. {@code secret}, for messages */
  private KeyFile(Path file, String kind) {
    this.file = file;
    this.kind = kind;
  }

  /** @param kind what one value is, for messages */
  public static KeyFile named(KernelConfig config, String name, String kind) {
    return new KeyFile(config.state().resolve("server").resolve(name), kind);
  }

  /**
   * @param isFirst nothing is sealed so far, so a key may be made
   * @throws TallymanException UNAVAILABLE if it is missing, damaged, or readable by others
   */
  public synchronized Sealing sealing(boolean isFirst) {
    Sealing known = sealing;
    if (known == null) {
      known = new Sealing(read(isFirst), String.valueOf(file.getFileName()), kind);
      sealing = known;
    }
    return known;
  }

  private byte[] read(boolean isFirst) {
    try {
      requireOwn();
      byte[] key = Files.readAllBytes(file);
      if (key.length != Sealing.KEY_BYTES) {
        throw unusable("is damaged: it must have " + Sealing.KEY_BYTES + " bytes; put the right one back", null);
      }
      return key;
    } catch (NoSuchFileException e) {
      if (!isFirst) {
        throw unusable("is missing, and " + kind + "s were stored with it; put it back from a backup, or remove the " + kind + "s", null);
      }
      return make();
    } catch (IOException e) {
      throw unusable("cannot be read", e);
    }
  }

  private void requireOwn() throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw unusable("is not a regular file", null);
    }
    Set<PosixFilePermission> more = EnumSet.copyOf(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    more.removeAll(OWNER_ONLY);
    if (!more.isEmpty()) {
      throw unusable("is open to others (" + PosixFilePermissions.toString(more) + "); take that away: chmod 0600", null);
    }
  }

  /** Complete on disk before it has its name. */
  private byte[] make() {
    byte[] key = Sealing.newKey();
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(draft);
      try (FileChannel out =
          FileChannel.open(draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
        ByteBuffer bytes = ByteBuffer.wrap(key);
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
      return key;
    } catch (IOException e) {
      throw unusable("cannot be made", e);
    }
  }

  private TallymanException unusable(String why, @Nullable IOException cause) {
    String message = "the key of " + kind + "s, " + file + ", " + why;
    return cause == null ? new TallymanException(ErrorKind.UNAVAILABLE, message) : new TallymanException(ErrorKind.UNAVAILABLE, message, cause);
  }
}
