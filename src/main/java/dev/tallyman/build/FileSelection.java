package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.dockerfile.DockerIgnore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which files below a directory are copied: those that a pattern of {@code --parents} names and no {@code --exclude} does. Both have the rules of a
 * .dockerignore, with paths below that directory.
 */
final class FileSelection {
  private final @Nullable DockerIgnore wanted;
  private final DockerIgnore excluded;

  private FileSelection(@Nullable DockerIgnore wanted, DockerIgnore excluded) {
    this.wanted = wanted;
    this.excluded = excluded;
  }

  /** Everything that is not excluded. */
  static FileSelection without(List<String> excludes) {
    return new FileSelection(null, DockerIgnore.of(excludes));
  }

  /** @param pattern a path below the directory, maybe with wildcards; what is below it is meant, too */
  FileSelection of(String pattern) {
    return new FileSelection(DockerIgnore.of(List.of(pattern)), excluded);
  }

  boolean isAll() {
    return wanted == null && excluded.isEmpty();
  }

  /** Of a source that is no directory. */
  boolean excludes(String name) {
    return !excluded.isEmpty() && excluded.excludes(name);
  }

  /** The directory with what is left of it. One below it stays when it is meant itself, or when something in it stays. */
  Node select(Node directory) {
    return isAll() ? directory : select(directory, "");
  }

  private Node select(Node directory, String prefix) {
    List<Node> left = new ArrayList<>();
    for (Node child : directory.children()) {
      String path = prefix + child.name;
      boolean isOut = excluded.excludes(path);
      boolean isMeant = !isOut && (wanted == null || wanted.excludes(path));
      if (!child.isDirectory()) {
        if (isMeant) {
          left.add(child);
        }
      } else if (!isOut || excluded.hasExceptions()) {
        Node rest = select(child, path + "/");
        if (isMeant || !rest.children().isEmpty()) {
          left.add(rest);
        }
      }
    }
    return directory.with(left);
  }
}
