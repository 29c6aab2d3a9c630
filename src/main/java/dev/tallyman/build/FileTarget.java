package dev.tallyman.build;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;

/** Who gets the files of a result, beside the image. */
public interface FileTarget {
  /** @param files are gone when this returns; @throws IOException when the client does not take them */
  void take(Files files) throws IOException;

  /** All files of the image. */
  interface Files {
    /** As one archive. The caller closes it. */
    InputStream tar();

    /** One by one: a directory before what is in it, its entries by name. */
    List<Entry> entries();
  }

  /** @param path relative; @param mode permissions only; @param link of a symbolic link */
  record Entry(String path, Kind kind, int mode, int uid, int gid, Instant modifiedAt, long size, String link, Content content) {}

  /** What there is; hard links are files of their own. */
  enum Kind {
    FILE,
    DIRECTORY,
    LINK,
    PIPE
  }

  /** The bytes of a file; need not be closed. */
  interface Content {
    InputStream open();
  }
}
