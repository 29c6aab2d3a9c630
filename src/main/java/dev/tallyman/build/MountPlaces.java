package dev.tallyman.build;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Where things are mounted in the container of a command. What has to be made there for it, and directories that change in nothing but that, are no part of
 * the command's layer.
 */
final class MountPlaces {
  private final Sandboxes sandboxes;
  private final Executor threads;
  private final String container;
  private final List<String> layers;
  private final Map<String, FileRow> existing = new HashMap<>();
  private final Set<String> made = new HashSet<>();
  private final Set<String> links = new HashSet<>();

  MountPlaces(Sandboxes sandboxes, Executor threads, String container, List<String> layers) {
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.container = container;
    this.layers = layers;
  }

  /** Notes a place. @param target absolute and clean. @return where it is in the end: links on the way lead elsewhere in the container's files */
  String note(String target) {
    String at = "";
    String[] parts = target.substring(1).split("/");
    for (int i = 0; i < parts.length; i++) {
      String next = at + "/" + parts[i];
      FileRow row = made.contains(next) ? null : look(next);
      if (row == null) {
        made.add(next);
        at = next;
      } else if (row.isLink()) {
        at = row.link();
        if (at.isEmpty() || look(at) == null) {
          throw new Refused("cannot mount at " + target + ": " + next + " is a link that leads nowhere");
        }
      } else {
        if (row.isDirectory()) {
          existing.put(next, row);
        }
        at = next;
      }
    }
    return at;
  }

  private @Nullable FileRow look(String path) {
    try {
      return sandboxes.stat(container, layers, path);
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** Puts links where files of /run/secrets are to be seen. @param wishes name of the file by place */
  void link(Map<String, String> wishes) {
    if (wishes.isEmpty()) {
      return;
    }
    CopyTar tar = new CopyTar(new CopyTar.Look(null, false, 0, 0));
    Map<String, String> places = new LinkedHashMap<>();
    wishes.forEach((target, name) -> places.put(note(target), name));
    made.stream().filter(each -> !places.containsKey(each)).sorted().forEach(each -> tar.addDirectory(each.substring(1)));
    places.forEach((place, name) -> {
      FileRow row = made.contains(place) ? null : look(place);
      if (row != null && row.isDirectory()) {
        throw new Refused("cannot mount a secret at " + place + ": it is a directory");
      }
      links.add(place);
      tar.addLink(place.substring(1), "/run/secrets/" + name);
    });
    sandboxes.prepare(container);
    try (FilePipe pipe = FilePipe.open(threads, tar::write)) {
      sandboxes.put(container, layers, "/", "", true, pipe);
    }
  }

  /** What to do with an entry of the layer. */
  enum Fate {
    KEPT,
    /** Goes along when something below it is kept. */
    PENDING,
    DROPPED
  }

  Fate fate(LayerFilter.Entry entry) {
    String path = entry.path();
    if (links.contains(path)) {
      return Fate.DROPPED;
    }
    if (made.contains(path)) {
      return entry.isDirectory() ? Fate.PENDING : entry.isEmptyFile() ? Fate.DROPPED : Fate.KEPT;
    }
    FileRow before = existing.get(path);
    boolean isSame = before != null && entry.isDirectory() && (before.mode() & 07777) == entry.mode() && before.uid() == entry.uid() && before.gid() == entry.gid();
    return isSame ? Fate.PENDING : Fate.KEPT;
  }

}
