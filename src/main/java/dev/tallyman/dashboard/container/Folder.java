package dev.tallyman.dashboard.container;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A directory of a container that is shown.
 *
 * @param path absolute, with a last slash, so that a link to a directory is followed
 */
record Folder(String path) {
  static Folder at(@Nullable String given) {
    String path = given == null || given.isBlank() ? "/" : given;
    String absolute = path.startsWith("/") ? path : "/" + path;
    return new Folder(absolute.endsWith("/") ? absolute : absolute + "/");
  }

  String child(String name) {
    return path + name;
  }

  /** Itself and the directories above it, the root first. */
  public List<Crumb> crumbs() {
    List<Crumb> all = new ArrayList<>(List.of(new Crumb("/", "/")));
    for (int slash = path.indexOf('/', 1), from = 1; slash > 0; from = slash + 1, slash = path.indexOf('/', slash + 1)) {
      if (slash > from) {
        all.add(new Crumb(path.substring(from, slash), path.substring(0, slash + 1)));
      }
    }
    return all;
  }

  record Crumb(String name, String path) {}
}
