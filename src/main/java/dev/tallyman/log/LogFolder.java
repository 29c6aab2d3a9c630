package dev.tallyman.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** The log files of one container: {@code log} is the newest, {@code log.1} the one before … */
final class LogFolder {
  private final Path folder;

  LogFolder(Path folder) {
    this.folder = folder;
  }

  private Path path(int age) {
    return folder.resolve(age == 0 ? "log" : "log." + age);
  }

  /** Opens all files, oldest first. Together they are the log as it was when the newest was opened. The caller closes them. */
  List<LogFile> open() throws IOException {
    List<LogFile> newestFirst = new ArrayList<>();
    try {
      for (int age = 0; exists(age) || exists(age + 1); age++) { // while a rotation renames, one name may be vacant
        Optional<LogFile> next = LogFile.open(path(age));
        if (next.isPresent()) {
          forgetFrom(newestFirst, next.get().identity());
          newestFirst.add(next.get());
        }
      }
    } catch (IOException | RuntimeException e) {
      closeAll(newestFirst);
      throw e;
    }
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  /**
   * A file that is met again was pushed down by a rotation. It and all behind it are dropped: they are newer than what comes now, or will be
   * met again too.
   */
  private static void forgetFrom(List<LogFile> newestFirst, Object identity) throws IOException {
    for (int i = 0; i < newestFirst.size(); i++) {
      if (newestFirst.get(i).identity().equals(identity)) {
        List<LogFile> behind = newestFirst.subList(i, newestFirst.size());
        closeAll(behind);
        behind.clear();
        return;
      }
    }
  }

  private boolean exists(int age) {
    return Files.exists(path(age));
  }

  /** The file that was begun after the given one; absent if that is the newest. A file that is gone is followed by the oldest there is. */
  Optional<LogFile> after(LogFile file) throws IOException {
    while (true) {
      int age = 0;
      int oldest = 0;
      Optional<Object> identity = LogFile.identityOf(path(age));
      while (!identity.equals(Optional.of(file.identity())) && (identity.isPresent() || exists(age + 1))) {
        oldest = identity.isPresent() ? age : oldest;
        age++;
        identity = LogFile.identityOf(path(age));
      }
      if (age == 0) {
        return Optional.empty();
      }
      Optional<LogFile> next = LogFile.open(path(identity.isPresent() ? age - 1 : oldest));
      if (next.isEmpty() || LogFile.identityOf(path(age)).equals(identity)) {
        return next; // absent: the file after it is about to be made
      }
      next.get().close(); // rotated meanwhile: look again
    }
  }

  static void closeAll(List<LogFile> files) throws IOException {
    for (LogFile each : files) {
      each.close();
    }
  }
}
