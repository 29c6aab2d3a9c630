package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * The folder of {@code --workdir} in a container that was never started. dockerd makes it at creation, here the start does; whoever looks at the
 * files before finds it all the same.
 */
@Singleton
class WorkingFolder {
  private final Sandboxes sandboxes;

  @Inject
  WorkingFolder(Sandboxes sandboxes) {
    this.sandboxes = sandboxes;
  }

  void ensure(Cell cell) {
    if (isDue(cell.facts())) {
      cell.locked(() -> {
        cell.requirePresent();
        if (isDue(cell.facts())) {
          make(cell.facts());
        }
      });
    }
  }

  private static boolean isDue(Facts facts) {
    String path = facts.spec().workingDir();
    return facts.status().startedAt() == null && path != null && !path.isEmpty();
  }

  private void make(Facts facts) {
    Deque<String> missing = new ArrayDeque<>();
    String there = MountRules.clean(facts.plan().workingDir());
    try {
      while (there.length() > 1 && isAbsent(facts, there)) {
        int slash = there.lastIndexOf('/');
        missing.push(there.substring(slash + 1));
        there = there.substring(0, slash);
      }
      if (!missing.isEmpty()) {
        seen(facts).put(facts.id(), facts.plan().layers(), there + "/", "", true, new ByteArrayInputStream(folders(missing)));
      }
    } catch (KernelException e) {
      // Something that is no folder is in its way, or nothing can be written there: the start says so.
      if (e.kind() != ErrorKind.INVALID && e.kind() != ErrorKind.DENIED && e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
    }
  }

  private Sandboxes seen(Facts facts) {
    return sandboxes.withMounts(MountPoint.kernelMounts(facts.plan().mounts()));
  }

  private boolean isAbsent(Facts facts, String path) {
    try {
      seen(facts).stat(facts.id(), facts.plan().layers(), path + "/.");
      return false;
    } catch (KernelException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return true;
      }
      throw e;
    }
  }

  /** @param names each in the one before it */
  private static byte[] folders(Iterable<String> names) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      tar.setAddPaxHeadersForNonAsciiNames(true);
      StringBuilder path = new StringBuilder();
      for (String each : names) {
        TarArchiveEntry folder = new TarArchiveEntry(path.append(each).append('/').toString());
        folder.setMode(0755);
        tar.putArchiveEntry(folder);
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
