package dev.tallyman.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The files of an image with a writable layer on top, in which nothing ever runs. The kernel part resolves every path within it. */
final class Bench implements AutoCloseable {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private final Sandboxes sandboxes;
  private final Executor threads;
  private final String id;
  private final List<String> layers;

  Bench(Sandboxes sandboxes, Executor threads, String id, List<String> layers) {
    this.sandboxes = sandboxes;
    this.threads = threads;
    this.id = id;
    this.layers = layers;
    sandboxes.prepare(id);
  }

  /** What is at a path, a link in the end followed; absent when nothing is. */
  @Nullable FileRow look(String path) {
    FileRow row = row(path);
    return row != null && row.isLink() && !row.link().isEmpty() ? row(row.link()) : row;
  }

  /** What is at a path, maybe a link; absent when nothing is. */
  @Nullable FileRow row(String path) {
    try {
      return sandboxes.stat(id, layers, path);
    } catch (KernelException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return null;
      }
      throw e;
    }
  }

  /** Where a path leads in the end. */
  String target(String path) {
    FileRow row = sandboxes.stat(id, layers, path);
    return row.isLink() ? row.link() : path;
  }

  List<FileRow> list(String path) {
    List<FileRow> rows = new ArrayList<>();
    sandboxes.list(id, layers, path, rows::add);
    return rows.subList(1, rows.size());
  }

  /** @param owner {@code user[:group]}, looked up in the image; a number alone is the group's, too; empty = as the tar says */
  void put(CopyTar tar, String owner) {
    String whole = NUMBER.matcher(owner).matches() ? owner + ":" + owner : owner;
    try (FilePipe pipe = FilePipe.open(threads, tar::write)) {
      sandboxes.put(id, layers, "/", whole, true, pipe);
    }
  }

  /** A tar of a path. The caller closes it. */
  InputStream get(String path) {
    return FilePipe.open(threads, out -> sandboxes.get(id, layers, path, false, row -> {}, out));
  }

  /** What was put, as a layer. The caller closes it. */
  InputStream changes() {
    return FilePipe.open(threads, out -> sandboxes.diff(id, layers, out));
  }

  @Override
  public void close() {
    threads.execute(() -> sandboxes.remove(id));
  }
}
