package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.PathPattern;
import dev.tallyman.image.TarReader;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sources of COPY --from: files of an image, taken out as archives. */
final class ImageSources {
  private final Bench bench;
  private final ContextIntake intake;
  private final FileSelection selection;
  private final List<Context> open;

  /** @param open gets what must be closed */
  ImageSources(Bench bench, ContextIntake intake, FileSelection selection, List<Context> open) {
    this.bench = bench;
    this.intake = intake;
    this.selection = selection;
    this.open = open;
  }

  List<Found> find(List<String> patterns) {
    List<Found> found = new ArrayList<>();
    for (String pattern : patterns) {
      List<String> paths = CopySources.hasWildcard(pattern) ? expand(pattern) : List.of("/" + CopySources.clean(pattern));
      if (paths.isEmpty()) {
        throw new Refused("no source files were specified: nothing matches " + pattern);
      }
      paths.forEach(path -> CopySources.add(found, take(path, pattern), selection));
    }
    return found;
  }

  /** Sources of COPY --parents. */
  List<Found> findParents(List<String> sources) {
    List<Found> found = new ArrayList<>();
    for (String source : sources) {
      ParentPattern pattern = ParentPattern.of(source);
      FileSelection meant = selection.of(pattern.selection());
      List<String> bases = CopySources.hasWildcard(pattern.base()) ? expand(pattern.base()) : List.of("/" + pattern.base());
      for (String base : bases) {
        Found below = below(base, pattern.lead(), source);
        if (below != null) {
          found.add(new Found("", meant.select(below.node()), below.from()));
        } else if (!pattern.hasWildcard()) {
          throw new Refused("COPY failed: stat " + source + ": file does not exist");
        }
      }
    }
    return found;
  }

  /** A directory, of which only what the names lead to is taken out; absent when that is not there. */
  private @Nullable Found below(String base, List<String> names, String source) {
    FileRow directory = bench.look(base);
    if (directory == null || !directory.isDirectory()) {
      return null;
    }
    String top = bench.target(base);
    String path = top.equals("/") ? "" : top;
    List<FileRow> rows = new ArrayList<>(List.of(directory));
    for (String name : names) {
      path += "/" + name;
      FileRow row = rows.get(rows.size() - 1).isDirectory() ? bench.row(path) : null;
      if (row == null) {
        return null;
      }
      rows.add(row);
    }
    Found taken = contents(path.isEmpty() ? "/" : path, rows.get(rows.size() - 1), source);
    Node node = taken.node();
    for (int i = names.size(); i > 0; i--) {
      node = directory(rows.get(i - 1)).with(List.of(node.named(names.get(i - 1))));
    }
    return new Found("", node, taken.from());
  }

  private static Node directory(FileRow row) {
    TarReader.Entry entry = new TarReader.Entry("", TarReader.Kind.DIRECTORY, 0, "", false, row.mode() & 07777, row.modifiedAt().getEpochSecond(), row.uid(), row.gid());
    return new Node("", TarReader.Kind.DIRECTORY, entry, 0);
  }

  private List<String> expand(String pattern) {
    List<String> paths = List.of("");
    for (String part : CopySources.clean(pattern).split("/")) {
      List<String> next = new ArrayList<>();
      for (String path : paths) {
        if (!CopySources.hasWildcard(part)) {
          next.add(path + "/" + part);
          continue;
        }
        FileRow directory = bench.look(path.isEmpty() ? "/" : path);
        if (directory != null && directory.isDirectory()) {
          PathPattern wanted = PathPattern.of(part);
          bench.list((path.isEmpty() ? "" : path) + "/").stream().map(FileRow::name).filter(wanted::matches).sorted().forEach(name -> next.add(path + "/" + name));
        }
      }
      paths = next;
    }
    return paths;
  }

  private Found take(String path, String pattern) {
    FileRow row = bench.look(path);
    if (row == null) {
      throw new Refused("COPY failed: stat " + pattern + ": file does not exist");
    }
    Found taken = contents(bench.target(path), row, pattern);
    return new Found(path.substring(path.lastIndexOf('/') + 1), taken.node(), taken.from());
  }

  /** @param asked no link is followed in its end */
  private Found contents(String asked, FileRow row, String pattern) {
    try (InputStream tar = bench.get(row.isDirectory() ? asked + "/." : asked)) {
      Context context = intake.take(tar, "the files of the image");
      open.add(context);
      Node node = row.isDirectory() ? context.tree().root() : context.tree().find(asked.substring(asked.lastIndexOf('/') + 1));
      if (node == null) {
        throw new Refused("COPY failed: " + pattern + " is gone");
      }
      return new Found("", node, context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
