package dev.tallyman.log;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The log files of one container: {@code log} is the newest, {@code log.1} the one before … A rotation renames them one by one, the oldest first, so one name after the other
 * is vacant for a moment; several may pass between two looks. That a name is vacant hence does not tell that no older one is there: only a list of all names does.
 */
class LogFolder {
  private static final Pattern NAME = Pattern.compile("log(?:\\.([1-9]\\d{0,2}))?");
  private static final int NONE = -1;

  private final Path folder;

  LogFolder(Path folder) {
    this.folder = folder;
  }

  /** Asked for before each look at a file; in tests rotations happen here. */
  Path path(int age) {
    return folder.resolve(age == 0 ? "log" : "log." + age);
  }

  /** Opens all files, oldest first. Together they are the log as it was when the newest was opened. The caller closes them. */
  List<LogFile> open() throws IOException {
    List<LogFile> newestFirst = new ArrayList<>();
    try {
      int age = 0;
      Optional<LogFile> next = LogFile.open(path(age));
      while (next.isPresent() || age <= oldest()) {
        if (next.isPresent()) {
          forgetFrom(newestFirst, next.get().identity());
          newestFirst.add(next.get());
        }
        next = LogFile.open(path(++age));
      }
      if (newestFirst.size() > 1 && age(newestFirst.get(0)) == NONE) {
        // deleted meanwhile, with all older ones: it was not met again, so the others may be newer
        forget(newestFirst.subList(1, newestFirst.size()));
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
        forget(newestFirst.subList(i, newestFirst.size()));
        return;
      }
    }
  }

  private static void forget(List<LogFile> files) throws IOException {
    closeAll(files);
    files.clear();
  }

  /** The file that was begun after the given one; absent if that is the newest. A file that is gone is followed by the oldest there is. */
  Optional<LogFile> after(LogFile file) throws IOException {
    while (true) {
      int age = age(file);
      int next = age == NONE ? oldest() : nearestBelow(age);
      if (next == NONE) {
        return Optional.empty(); // it is the newest, or the one after it is about to be made
      }
      Optional<LogFile> found = LogFile.open(path(next));
      if (found.isPresent() && (age == NONE ? oldest() == next : nearestBelow(age) == next && isAt(age, file))) {
        return found;
      }
      if (found.isPresent()) {
        found.get().close(); // rotated meanwhile: look again
      }
    }
  }

  /** Files only ever get older, and so does what this looks at: it cannot miss one that is there. */
  private int age(LogFile file) throws IOException {
    for (int age = 0; ; age++) {
      Optional<Object> identity = LogFile.identityOf(path(age));
      if (identity.equals(Optional.of(file.identity()))) {
        return age;
      }
      if (identity.isEmpty() && age > oldest()) {
        return NONE;
      }
    }
  }

  private boolean isAt(int age, LogFile file) throws IOException {
    return LogFile.identityOf(path(age)).equals(Optional.of(file.identity()));
  }

  /** The next newer name that is not vacant: a rotation may be under way, or was broken off by a power cut. */
  private int nearestBelow(int age) throws IOException {
    int below = age - 1;
    while (below >= 0 && LogFile.identityOf(path(below)).isEmpty()) {
      below--;
    }
    return below;
  }

  /** Looks at all names at once: no rename comes between the names of one reading of a folder, and the hundred that there can be take one. */
  private int oldest() throws IOException {
    int oldest = NONE;
    try (DirectoryStream<Path> names = Files.newDirectoryStream(folder)) {
      for (Path each : names) {
        Matcher name = NAME.matcher(each.getFileName().toString());
        if (name.matches()) {
          oldest = Math.max(oldest, name.group(1) == null ? 0 : Integer.parseInt(name.group(1)));
        }
      }
    } catch (NoSuchFileException e) {
      return NONE; // the container is gone
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return oldest;
  }

  static void closeAll(List<LogFile> files) throws IOException {
    for (LogFile each : files) {
      each.close();
    }
  }
}
