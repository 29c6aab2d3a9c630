package dev.tallyman.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes sure that one folder serves one server: a second one on the same state would break the inventory, one on the same run folder
 * would silently take the socket away. The kernel releases the lock when the process ends, however it ends.
 */
final class InstanceLock implements AutoCloseable {
  private final FileChannel channel;

  private InstanceLock(FileChannel channel) {
    this.channel = channel;
  }

  /** @throws CannotStartException when another server has the folder, or it cannot be written; the message is for the operator */
  static InstanceLock take(Path folder) {
    Path file = folder.resolve("instance.lock");
    try {
      Files.createDirectories(folder);
      FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (isTaken(channel)) {
        channel.close();
        throw new CannotStartException("another server uses " + folder + " (it holds " + file + "); stop it, or give this one folders of its own with --state and --run");
      }
      return new InstanceLock(channel);
    } catch (IOException e) {
      throw new CannotStartException("cannot use the folder " + folder + ": " + e + "; it must be writable for the server's user");
    }
  }

  private static boolean isTaken(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() == null;
    } catch (OverlappingFileLockException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
