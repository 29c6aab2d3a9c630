package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.treewalk.CanonicalTreeParser;
import org.jspecify.annotations.Nullable;

/**
 * Reads directories of git, however large. Those that are open at once, one within another, hold a bounded part of the memory together; at each entry it is
 * asked whether to go on.
 */
final class Directories {
  private static final long MOST_BYTES = 16 << 20;
  private static final int MEMORY_SHARE = 16;

  private final String what;
  private final Outing outing;
  private final long most = Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / MEMORY_SHARE);
  private long held;

  /** @param name as it is stored */
  record Entry(byte[] name, FileMode mode, ObjectId id) {
    String text() {
      return new String(name, StandardCharsets.UTF_8);
    }
  }

  interface Visit {
    void to(Entry entry) throws IOException;
  }

  /** @param what is read, for messages */
  Directories(String what, Outing outing) {
    this.what = what;
    this.outing = outing;
  }

  /**
   * Visits the entries in their order; a visit may read other directories.
   *
   * @throws TallymanException EXHAUSTED if the directories that are open take too much memory, INVALID for a damaged one
   * @throws IOException if there is no such directory
   */
  void each(ObjectReader reader, ObjectId tree, Visit visit) throws IOException {
    byte[] raw = raw(reader, tree);
    held += raw.length;
    try {
      CanonicalTreeParser at = parser(raw);
      for (Entry entry = entry(at); entry != null; entry = next(at)) {
        outing.check(what);
        visit.to(entry);
      }
    } finally {
      held -= raw.length;
    }
  }

  /** @param path parts with slashes between; @return null if it is not there; links are not followed */
  @Nullable Entry find(ObjectReader reader, ObjectId tree, String path) throws IOException {
    Entry found = null;
    for (String name : path.split("/")) {
      if (found != null && !found.mode().equals(FileMode.TREE)) {
        return null;
      }
      AtomicReference<Entry> child = new AtomicReference<>();
      each(reader, found == null ? tree : found.id(), entry -> {
        if (entry.text().equals(name)) {
          child.compareAndSet(null, entry);
        }
      });
      found = child.get();
      if (found == null) {
        return null;
      }
    }
    return found;
  }

  private byte[] raw(ObjectReader reader, ObjectId tree) throws IOException {
    ObjectLoader loader = reader.open(tree, Constants.OBJ_TREE);
    if (loader.getSize() > most - held) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "failed to fetch " + what + ": directories within one another take more than " + most + " bytes of memory");
    }
    return loader.getCachedBytes((int) most);
  }

  private CanonicalTreeParser parser(byte[] raw) {
    try {
      CanonicalTreeParser at = new CanonicalTreeParser();
      at.reset(raw);
      return at;
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
  }

  private @Nullable Entry next(CanonicalTreeParser at) {
    try {
      at.next();
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
    return entry(at);
  }

  private @Nullable Entry entry(CanonicalTreeParser at) {
    if (at.eof()) {
      return null;
    }
    try {
      byte[] name = Arrays.copyOfRange(at.getEntryPathBuffer(), at.getEntryPathLength() - at.getNameLength(), at.getEntryPathLength());
      return new Entry(name, at.getEntryFileMode(), at.getEntryObjectId());
    } catch (IndexOutOfBoundsException e) {
      throw damaged(e);
    }
  }

  private TallymanException damaged(Exception cause) {
    return new TallymanException(ErrorKind.INVALID, "failed to fetch " + what + ": a directory of it is damaged", cause);
  }
}
