package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.PathPattern;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** Sources of COPY --from: files of an image, taken out as archives. */
final class ImageSources {
  private final Bench bench;
  private final ContextIntake intake;
  private final List<Context> open;

  /** @param open gets what must be closed */
  ImageSources(Bench bench, ContextIntake intake, List<Context> open) {
    this.bench = bench;
    this.intake = intake;
    this.open = open;
  }

  List<Found> find(List<String> patterns) {
    List<Found> found = new ArrayList<>();
    for (String pattern : patterns) {
      List<String> paths = CopySources.hasWildcard(pattern) ? expand(pattern) : List.of("/" + CopySources.clean(pattern));
      if (paths.isEmpty()) {
        throw new Refused("no source files were specified: nothing matches " + pattern);
      }
      paths.forEach(path -> found.add(take(path, pattern)));
    }
    return found;
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
    String asked = bench.target(path);
    try (InputStream tar = bench.get(row.isDirectory() ? asked + "/." : asked)) {
      Context context = intake.take(tar, "the files of the image");
      open.add(context);
      Node node = row.isDirectory() ? context.tree().root() : context.tree().find(asked.substring(asked.lastIndexOf('/') + 1));
      if (node == null) {
        throw new Refused("COPY failed: " + pattern + " is gone");
      }
      return new Found(path.substring(path.lastIndexOf('/') + 1), node, context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
