package dev.tallyman.log;

import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;

/**
 * An open log file. It stays the same file when a rotation renames or deletes it.
 *
 * @param identity device and inode
 */
record LogFile(FileChannel channel, Object identity) implements Closeable {

  /** @return absent if there is no such file */
  static Optional<LogFile> open(Path path) throws IOException {
    while (true) {
      Optional<Object> before = identityOf(path);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      FileChannel channel;
      try {
        channel = FileChannel.open(path, StandardOpenOption.READ);
      } catch (NoSuchFileException e) {
        continue; // it was rotated away: see what is there now
      }
      if (identityOf(path).equals(before)) {
        return Optional.of(new LogFile(channel, before.get()));
      }
      channel.close();
    }
  }

  static Optional<Object> identityOf(Path path) throws IOException {
    try {
      return Optional.of(Objects.requireNonNull(Files.readAttributes(path, BasicFileAttributes.class).fileKey()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
