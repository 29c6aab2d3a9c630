package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.image.Images.Image;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of the image that a build made, for who wants them beside it. */
final class ImageFiles implements FileTarget.Files, AutoCloseable {
  private static final Comparator<Node> BY_BYTES = Comparator.comparing(each -> each.name.getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

  private final Bench bench;
  private final ContextIntake intake;
  private @Nullable Context context;

  ImageFiles(Build build, Image image) {
    bench = build.bench(image);
    intake = build.parts.intake;
  }

  @Override
  public InputStream tar() {
    return bench.get("/.");
  }

  @Override
  public List<FileTarget.Entry> entries() {
    try (InputStream tar = tar()) {
      Context taken = intake.take(tar, "the files of the image");
      context = taken;
      List<FileTarget.Entry> entries = new ArrayList<>();
      add(entries, taken, taken.tree().root(), "");
      return entries;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(List<FileTarget.Entry> entries, Context from, Node directory, String prefix) {
    directory.children().stream().sorted(BY_BYTES).forEach(each -> {
      String path = prefix + each.name;
      FileTarget.Kind kind =
          switch (each.kind) {
            case DIRECTORY -> FileTarget.Kind.DIRECTORY;
            case FILE -> FileTarget.Kind.FILE;
            case LINK -> FileTarget.Kind.LINK;
            case PIPE -> FileTarget.Kind.PIPE;
          };
      Instant modified = Instant.ofEpochSecond(each.mtimeSeconds);
      entries.add(new FileTarget.Entry(path, kind, each.mode & 07777, each.uid, each.gid, modified, each.size, each.link, () -> from.open(each)));
      if (each.isDirectory()) {
        add(entries, from, each, path + "/");
      }
    });
  }

  @Override
  public void close() {
    Context taken = context;
    if (taken != null) {
      taken.close();
    }
    bench.close();
  }
}
