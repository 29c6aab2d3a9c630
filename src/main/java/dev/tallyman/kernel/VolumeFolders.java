package dev.tallyman.kernel;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** Files of volumes in the helper's store. A volume is named by 64 lower-case hex characters. Files have ids from 0, as containers see them. */
public interface VolumeFolders {
  /**
   * Makes an empty folder, or does nothing if there is one; durable when this returns.
   *
   * @param limitBytes what its files and folders may take on disk; 0 = as much as there is
   * @throws KernelException INVALID if there is a limit and the file system keeps none
   */
  void create(String volume, long limitBytes);

  default void create(String volume) {
    create(volume, 0);
  }

  /** Removes a folder with all in it; an absent one is success. */
  void remove(String volume);

  /** All folders, ascending. */
  List<String> list();

  /** Writes a tar of all files; the folder itself is {@code ./}. */
  void export(String volume, OutputStream out);

  /**
   * Fills a folder from an uncompressed tar; durable when this returns. A new one is there whole or not at all; of one that was there a part may stay,
   * which still counts as empty.
   *
   * @param limitBytes of a new one, as in {@link #create}; one that is there keeps its own
   * @throws KernelException ALREADY_EXISTS if it holds something; INVALID for a damaged or hostile archive, EXHAUSTED when the disk or the limit is full
   */
  Size fill(String volume, InputStream tar, long limitBytes);

  default Size fill(String volume, InputStream tar) {
    return fill(volume, tar, 0);
  }

  /** Sizes of all files, each once however many names it has. */
  Size size(String volume);

  boolean isEmpty(String volume);

  /** @param count of files and folders */
  record Size(long bytes, long count) {}
}
