package dev.tallyman.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LogFolderTest {
  private static final int MANY = 100;

  @TempDir Path parent;

  /** A log whose files hold nothing but their number, and whose monitor stops between any two steps of a rotation. */
  private final class Stepwise {
    final Path folder;
    final int files;
    int newest;
    private int moved; // the name that is vacant now; 0 is the end of a rotation

    Stepwise(String name, int files, int begun) throws IOException {
      this.folder = Files.createDirectory(parent.resolve(name));
      this.files = files;
      begin();
      while (newest < begun) {
        rotate();
      }
    }

    private void begin() throws IOException {
      Files.writeString(folder.resolve("log"), String.format("%04d", ++newest));
    }

    private Path path(int age) {
      return folder.resolve(age == 0 ? "log" : "log." + age);
    }

    void step() {
      try {
        if (!isUnderWay()) {
          while (moved < files - 1 && Files.exists(path(moved))) {
            moved++;
          }
        } else if (moved == 0) {
          begin();
          return;
        }
        Files.move(path(moved - 1), path(moved), StandardCopyOption.ATOMIC_MOVE);
        moved--;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private boolean isUnderWay() {
      return !Files.exists(path(moved));
    }

    void rotate() {
      int before = newest;
      while (newest == before) {
        step();
      }
    }

    void stepUntilVacant(int age) {
      do {
        step();
      } while (Files.exists(path(age)));
    }

    int oldest() throws IOException {
      int oldest = newest;
      for (int age = 0; age < files; age++) {
        oldest = Files.exists(path(age)) ? Integer.parseInt(Files.readString(path(age))) : oldest;
      }
      return oldest;
    }

    LogFolder lookedAt(IntConsumer beforeLook) {
      return new LogFolder(folder) {
        @Override
        Path path(int age) {
          beforeLook.accept(age);
          return super.path(age);
        }
      };
    }

    /** None, one or some steps, or up to three rotations before a look, in an order that is the same in every run. */
    LogFolder lookedAt(Random random) {
      return lookedAt(
          age -> {
            int names = Math.min(files, newest);
            int steps = switch (random.nextInt(6)) {
              case 0, 1, 2 -> 0;
              case 3 -> 1;
              case 4 -> random.nextInt(names + 2);
              default -> random.nextInt(3 * names + 3);
            };
            for (int i = 0; i < steps && newest < MANY; i++) {
              step();
            }
          });
    }
  }

  private static int number(LogFile file) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(4);
    assertEquals(4, file.channel().read(text, 0));
    return Integer.parseInt(new String(text.array(), StandardCharsets.US_ASCII));
  }

  private static List<Integer> opened(LogFolder folder) throws IOException {
    List<LogFile> files = folder.open();
    List<Integer> numbers = new ArrayList<>();
    for (LogFile each : files) {
      numbers.add(number(each));
    }
    LogFolder.closeAll(files);
    return numbers;
  }

  private static int last(List<Integer> numbers) {
    return numbers.get(numbers.size() - 1);
  }

  private static LogFile openOne(LogFolder folder, IntUnaryOperator which) throws IOException {
    List<LogFile> files = folder.open();
    LogFile wanted = files.remove(which.applyAsInt(files.size()));
    LogFolder.closeAll(files);
    return wanted;
  }

  private static List<Integer> row(int from, int to) {
    return IntStream.rangeClosed(from, to).boxed().toList();
  }

  /** One rotation leaves a name vacant at one look, the one after it leaves the next name vacant at the next look. */
  @Test
  void opensWhatIsBehindTwoNamesThatWereVacant() throws IOException {
    Stepwise log = new Stepwise("two", 100, 4);
    int[] looks = new int[3];
    LogFolder folder =
        log.lookedAt(
            age -> {
              if (age > 0 && age < looks.length && looks[age]++ == 0) {
                log.stepUntilVacant(age);
              }
            });

    List<Integer> opened = opened(folder);

    assertEquals(row(1, last(opened)), opened);
  }

  @Test
  void opensEveryFileOnceWhateverRotationsPassBetweenTheLooks() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < 150; round++) {
      int begun = 1 + random.nextInt(6);
      Stepwise log = new Stepwise("whole" + round, MANY, begun);

      List<Integer> opened = opened(log.lookedAt(random));

      assertEquals(row(1, last(opened)), opened, "round " + round);
      assertTrue(last(opened) >= begun, "round " + round);
    }
  }

  @Test
  void opensARowOfFilesInTheirOrderWhileTheOldestAreDeleted() throws IOException {
    Random random = new Random(6);
    for (int round = 0; round < 200; round++) {
      int files = 2 + random.nextInt(4);
      Stepwise log = new Stepwise("capped" + round, files, 1 + random.nextInt(8));
      int newest = log.newest;

      List<Integer> opened = opened(log.lookedAt(random));

      assertTrue(last(opened) >= newest, "round " + round);
      assertEquals(row(opened.get(0), last(opened)), opened, "round " + round);
      assertTrue(last(opened) < log.oldest() || opened.get(0) <= log.oldest(), "round " + round + " lost what is still there: " + opened);
    }
  }

  @Test
  void goesOnToTheNextFileWhateverRotationsPassBetweenTheLooks() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 60; round++) {
      Stepwise log = new Stepwise("next" + round, MANY, 1 + random.nextInt(6));
      LogFolder folder = log.lookedAt(random);
      LogFile current = openOne(folder, count -> 0);
      for (int expected = 2; expected < 8; expected++) {
        int newest = log.newest;
        Optional<LogFile> next = folder.after(current);
        if (next.isPresent()) {
          assertEquals(expected, number(next.get()), "round " + round);
          current.close();
          current = next.get();
        } else {
          assertTrue(newest <= number(current), "round " + round + ": " + newest + " was there after " + number(current));
          expected--;
          log.rotate();
        }
      }
      current.close();
    }
  }

  @Test
  void goesOnToALaterFileWhileTheOldestAreDeleted() throws IOException {
    Random random = new Random(8);
    for (int round = 0; round < 60; round++) {
      int files = 2 + random.nextInt(4);
      Stepwise log = new Stepwise("skips" + round, files, 1 + random.nextInt(6));
      LogFolder folder = log.lookedAt(random);
      LogFile current = openOne(folder, count -> count - 1);
      for (int i = 0; i < 8; i++) {
        Optional<LogFile> next = folder.after(current);
        if (next.isPresent()) {
          int number = number(next.get());
          assertTrue(number > number(current), "round " + round + ": " + number + " after " + number(current));
          assertTrue(number == number(current) + 1 || number <= log.oldest(), "round " + round + ": " + number + " after " + number(current));
          current.close();
          current = next.get();
        } else {
          log.rotate();
        }
      }
      current.close();
    }
  }

  /** A power cut may leave a name vacant for good. */
  @Test
  void goesOnOverANameThatStaysVacant() throws IOException {
    Stepwise log = new Stepwise("cut", 100, 3);
    LogFolder folder = new LogFolder(log.folder);
    log.stepUntilVacant(1);

    assertEquals(List.of(1, 2, 3), opened(folder));
    LogFile second = openOne(folder, count -> 1);
    try (second; LogFile next = folder.after(second).orElseThrow()) {
      assertEquals(3, number(next));
      assertEquals(Optional.empty(), folder.after(next));
    }
  }
}
