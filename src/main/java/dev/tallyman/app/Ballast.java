package dev.tallyman.app;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jboss.logging.Logger;

/**
 * A file of no content that takes room on the disk. When the disk is full the inventory gets a slice of it for each write that found none, so
 * that stops and removals, which make room, can still be recorded. Thread-safe.
 */
final class Ballast {
  /** As many as some hundred recorded changes need, each far below a mebibyte. */
  static final long BYTES = 32L << 20;
  static final long SLICE_BYTES = 1L << 20;
  /** Taken only from a disk that has more than this besides. */
  private static final long SPARE_BYTES = 16L << 20;

  private static final Logger LOG = Logger.getLogger(Ballast.class);
  private final Path file;

  Ballast(Path file) {
    this.file = file;
  }

  /** @return false when nothing is left to give */
  synchronized boolean give() {
    try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
      long length = ballast.length();
      if (length == 0) {
        return false;
      }
      ballast.setLength(Math.max(0, length - SLICE_BYTES));
      ballast.getFD().sync(); // only then may the file system use its blocks for others
      LOG.warnf("the disk is full: %d MiB are left for recording changes; remove images, containers or other files", ballast.length() >> 20);
      return true;
    } catch (IOException e) {
      LOG.warnf("the room kept for a full disk cannot be given: %s", e.getMessage());
      return false;
    }
  }

  /** Takes again what was given, as far as the disk has plenty. */
  synchronized void take() {
    try (RandomAccessFile ballast = new RandomAccessFile(file.toFile(), "rw")) {
      long missing = BYTES - ballast.length();
      if (missing <= 0 || Files.getFileStore(file).getUsableSpace() < missing + SPARE_BYTES) {
        return;
      }
      byte[] nothing = new byte[(int) SLICE_BYTES];
      ballast.seek(ballast.length());
      for (long done = 0; done < missing; done += SLICE_BYTES) {
        ballast.write(nothing, 0, (int) Math.min(SLICE_BYTES, missing - done));
      }
    } catch (IOException e) {
      LOG.warnf("no room could be kept for a full disk: %s", e.getMessage());
    }
  }
}
