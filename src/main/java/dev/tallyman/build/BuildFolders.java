package dev.tallyman.build;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;

/** Copies of files that commands of one build see; they go with the build. */
final class BuildFolders implements AutoCloseable {
  private final Build build;
  private final Map<String, String> shared = new HashMap<>();
  private int count;

  BuildFolders(Build build) {
    this.build = build;
  }

  /** One that nobody changes, made once for the same content. @param content tells it apart */
  synchronized String shared(String content, Supplier<InputStream> tar) {
    String known = shared.get(content);
    if (known == null) {
      known = own(tar);
      shared.put(content, known);
    }
    return known;
  }

  /** One for a command that writes into it; {@link #remove} it after. */
  synchronized String own(Supplier<InputStream> tar) {
    String id = HexFormat.of().formatHex(Context.sha256().digest((build.id + " folder " + count++).getBytes(StandardCharsets.UTF_8)));
    build.parts.folderStore.add(id, build.caller.team(), build.id, null, "files of a build");
    boolean isMade = false;
    try (InputStream in = tar.get()) {
      build.parts.folders.fill(id, in);
      isMade = true;
      return id;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!isMade) {
        remove(id);
      }
    }
  }

  synchronized void remove(String id) {
    build.parts.folders.remove(id);
    build.parts.folderStore.delete(id);
  }

  @Override
  public synchronized void close() {
    shared.values().forEach(this::remove);
    shared.clear();
  }
}
