package dev.tallyman.build.remote;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** A tar of files of root, all as old as a commit. */
final class GitTar {
  private final TarArchiveOutputStream tar;

  GitTar(OutputStream out) {
    tar = new TarArchiveOutputStream(out, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
  }

  /** Writes as many bytes as were said. */
  interface Content {
    void to(OutputStream out) throws IOException;
  }

  /** @param seconds since 1970 */
  void directory(String path, long seconds) throws IOException {
    put(path + "/", TarConstants.LF_DIR, 0755, 0, "", seconds);
    tar.closeArchiveEntry();
  }

  void link(String path, String target, long seconds) throws IOException {
    put(path, TarConstants.LF_SYMLINK, 0777, 0, target, seconds);
    tar.closeArchiveEntry();
  }

  void file(String path, int mode, long size, long seconds, Content content) throws IOException {
    put(path, TarConstants.LF_NORMAL, mode, size, "", seconds);
    content.to(tar);
    tar.closeArchiveEntry();
  }

  void text(String path, String text, long seconds) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    file(path, 0644, bytes.length, seconds, out -> out.write(bytes));
  }

  private void put(String path, byte type, int mode, long size, String link, long seconds) throws IOException {
    TarArchiveEntry header = new TarArchiveEntry(path, type, true);
    header.setMode(mode);
    header.setSize(size);
    header.setLinkName(link);
    header.setLastModifiedTime(FileTime.from(Instant.ofEpochSecond(Math.max(0, seconds))));
    tar.putArchiveEntry(header);
  }

  void end() throws IOException {
    tar.finish();
    tar.flush();
  }
}
