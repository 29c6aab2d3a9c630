package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;

/**
 * Files into and out of containers, whether they run or not. Names as in {@link Containers}; a path is one of the container, resolved inside its
 * root only. For members. Methods block. NOT_FOUND: {@code Could not find the file x in container y}.
 */
public interface FileCopies {
  /** What is at a path. The last part is not followed if it is a link, unless the path ends in a slash or a dot. */
  FileRow look(Caller caller, String name, String path);

  /** What is in a directory, by name. */
  Listing list(Caller caller, String name, String path);

  /**
   * Writes a tar of a path. The stream stays open.
   *
   * @param found told what it is, before the first byte is written
   */
  void copyOut(Caller caller, String name, String path, Consumer<FileRow> found, OutputStream out);

  /** The same with the bytes of a regular file. */
  void read(Caller caller, String name, String path, Consumer<FileRow> found, OutputStream out);

  /** Extracts a tar, packed or not, into a directory that is there. What was extracted before a failure stays. */
  void copyIn(Caller caller, String name, CopyIn how, InputStream tar);

  /**
   * Writes one file, owned by root, into a directory that is there; one of the same name is replaced, a directory is not.
   *
   * @param path of the file
   * @param size exact number of bytes; fewer are refused
   */
  void write(Caller caller, String name, String path, int mode, long size, InputStream content);

  /**
   * @param path of the directory
   * @param keepsKind refuses to put a directory in the place of something else, and the other way round
   * @param toUser everything belongs to the user that the container runs as; else to whom the tar says
   */
  record CopyIn(String path, boolean keepsKind, boolean toUser) {}

  /** @param entries by name; @param isCut there are more */
  record Listing(FileRow directory, List<FileRow> entries, boolean isCut) {
    public Listing {
      entries = List.copyOf(entries);
    }
  }
}
