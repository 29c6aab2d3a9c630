package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where builds put what they need for a while. The files have no names, so nothing is left of them after a crash. */
public final class Spool {
  private final Path folder;

  /** @param state the server's state folder */
  public Spool(Path state) {
    this.folder = state.resolve("server").resolve("builds");
  }

  /** @return gone when it is closed */
  public FileChannel file() {
    try {
      Files.createDirectories(folder);
      Path path = Files.createTempFile(folder, "context-", ".tar");
      FileChannel file = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
      Files.delete(path);
      return file;
    } catch (IOException e) {
      throw full(e);
    }
  }

  /** What the disk has left. */
  public long freeBytes() {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  public static TallymanException full(IOException e) {
    return new TallymanException(ErrorKind.EXHAUSTED, "cannot store the build's files: there is no room on the server's disk", e);
  }
}
