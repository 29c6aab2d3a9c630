package dev.tallyman.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a container's log from a place on, over rotations, and can go back to any spot that was not released. Files from there on stay open, so that they can be read even
 * when the container is removed. For one thread, but for {@link #holdAll}.
 */
final class ForwardCursor implements AutoCloseable {
  private final LogFolder folder;
  private final List<LogFile> files = new ArrayList<>();
  private Spot at = new Spot(0, 0);
  private int released;
  private boolean isOpen;
  private boolean isWhole;

  /** @param file number of a file, in the order of their beginnings; @param offset of a record */
  record Spot(int file, long offset) {
    boolean isBefore(Spot other) {
      return file < other.file || (file == other.file && offset < other.offset);
    }
  }

  /** Takes a record that begins at a spot. */
  interface Taker {
    void take(RecordReader entry, Spot spot);
  }

  ForwardCursor(LogFolder folder) {
    this.folder = folder;
  }

  /** @return false if the place is not there any more: what followed it was rotated away */
  synchronized boolean open(@Nullable ForwardPlace from) throws IOException {
    if (isOpen) {
      return true;
    }
    files.addAll(folder.open());
    isOpen = !files.isEmpty();
    for (int i = 0; from != null && i < files.size(); i++) {
      if (begun(files.get(i)) == from.fileBegun() && files.get(i).channel().size() >= from.offset()) {
        at = new Spot(i, from.offset());
        release(at);
        return true;
      }
    }
    return from == null || files.isEmpty();
  }

  synchronized boolean hasMore() throws IOException {
    return isOpen && (at.file() < files.size() - 1 || files.get(at.file()).channel().size() > at.offset() || (!isWhole && openNext()));
  }

  synchronized boolean isOpen() {
    return isOpen;
  }

  /** Opens all that is there, for nothing more will be written and the names are about to go. */
  synchronized void holdAll() throws IOException {
    while (isOpen && !isWhole && openNext()) {}
    isWhole = true;
  }

  private boolean openNext() throws IOException {
    Optional<LogFile> next = folder.after(files.get(files.size() - 1));
    next.ifPresent(files::add);
    return next.isPresent();
  }

  /** @param bytes about how many; @return how many were read */
  synchronized long read(long bytes, Taker taker) throws IOException {
    long count = 0;
    while (isOpen && count < bytes) {
      // asked first, read then: what was written before the rotation is seen
      boolean hasNext = at.file() < files.size() - 1 || (!isWhole && openNext());
      LogFile file = files.get(at.file());
      if (file.channel().size() > at.offset()) {
        count += read(file, bytes - count, taker);
      }
      if (count >= bytes || !hasNext) {
        return count;
      }
      at = new Spot(at.file() + 1, 0);
    }
    return count;
  }

  private long read(LogFile file, long bytes, Taker taker) throws IOException {
    RecordReader reader = new RecordReader(file, at.offset(), Long.MAX_VALUE);
    long count = 0;
    while (count < bytes && reader.next()) {
      taker.take(reader, at);
      long size = RecordReader.HEADER_BYTES + reader.length();
      at = new Spot(at.file(), at.offset() + size);
      count += size;
    }
    return count;
  }

  synchronized Spot spot() {
    return at;
  }

  synchronized void back(Spot to) {
    at = to;
  }

  /** Closes the files before a spot: nobody goes back there. @return the spot for the next server; null while its file is empty */
  synchronized @Nullable ForwardPlace release(Spot before) throws IOException {
    for (; released < before.file(); released++) {
      files.get(released).close();
    }
    long begun = before.file() < files.size() ? begun(files.get(before.file())) : 0;
    return begun == 0 ? null : new ForwardPlace(begun, before.offset());
  }

  private static long begun(LogFile file) throws IOException {
    ByteBuffer first = ByteBuffer.allocate(Long.BYTES);
    FileChannel channel = file.channel();
    return channel.read(first, 0) == Long.BYTES ? first.getLong(0) : 0;
  }

  @Override
  public synchronized void close() throws IOException {
    for (; released < files.size(); released++) {
      files.get(released).close();
    }
    files.clear();
    released = 0;
    at = new Spot(0, 0);
    isOpen = false;
  }
}
