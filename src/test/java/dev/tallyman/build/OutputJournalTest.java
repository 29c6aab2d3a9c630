package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.tallyman.build.BuildRecords.OutputPiece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a build's output when its server is killed: the file as it is then. */
class OutputJournalTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final long MOST = 8_000;

  private final ObjectMapper json = new ObjectMapper().registerModule(new JavaTimeModule());
  @TempDir Path folder;

  private Path path() {
    return folder.resolve("build" + OutputJournal.SUFFIX);
  }

  private void write(OutputJournal journal, int step, String text) {
    journal.kept().add(step, AT, text);
    journal.flush();
  }

  private KeptOutput read() {
    KeptOutput found = new KeptOutput(MOST);
    OutputJournal.read(path(), json, found::restore);
    return found;
  }

  private static List<String> texts(KeptOutput output, int step) {
    return output.of(step).stream().map(OutputPiece::text).toList();
  }

  @Test
  void hasEachLineOnceItHasEnded() {
    OutputJournal journal = new OutputJournal(path(), json, MOST);
    write(journal, 1, "one\ntw");
    write(journal, 2, "other\n");
    write(journal, 1, "o \u0000 \"\u20ac\"\nthree");

    assertEquals(List.of("one\n", "two \u0000 \"\u20ac\"\n"), texts(read(), 1));
    assertEquals(List.of(new OutputPiece(AT, "other\n")), read().of(2));
  }

  /** A noisy step takes nothing away from a quiet one, and the file does not grow with what was written. */
  @Test
  void isTheSameAsWhatIsKept() throws IOException {
    OutputJournal journal = new OutputJournal(path(), json, MOST);
    write(journal, 1, "quiet\n");
    long largest = 0;
    for (int i = 0; i < 5_000; i++) {
      write(journal, 2, "line " + i + "\u0001\n");
      largest = Math.max(largest, Files.size(path()));
    }

    assertEquals(List.of("quiet\n"), texts(read(), 1));
    assertEquals(texts(journal.kept(), 2), texts(read(), 2));
    assertTrue(texts(read(), 2).get(0).contains("not kept"), texts(read(), 2).toString());
    assertTrue(largest < 5 * MOST, "it has " + largest + " bytes");
  }

  @Test
  void isReadAsFarAsItIsWhole() throws IOException {
    OutputJournal journal = new OutputJournal(path(), json, MOST);
    write(journal, 1, "one\n");
    for (String damage : List.of("{\"step\":1,\"at\":\"2026-01", "null\n", "{}\n", "[]\n", "\u0000\n")) {
      byte[] whole = Files.readAllBytes(path());
      Files.writeString(path(), damage, StandardOpenOption.APPEND);
      assertEquals(List.of("one\n"), texts(read(), 1), damage);
      Files.write(path(), whole);
    }
    Files.write(path(), new byte[] {(byte) 0xff, 10}, StandardOpenOption.APPEND);
    assertEquals(List.of("one\n"), texts(read(), 1));
  }

  @Test
  void isReadToACharacterThatIsCutOff() throws IOException {
    OutputJournal journal = new OutputJournal(path(), json, MOST);
    for (int i = 0; i < 20; i++) {
      write(journal, 1, "line " + i + " \u20ac\n");
    }
    byte[] whole = Files.readAllBytes(path());
    int last = whole.length - 1;
    while (whole[last] != (byte) 0xe2) {
      last--;
    }

    for (int kept = 1; kept <= 2; kept++) {
      byte[] cut = Arrays.copyOf(whole, last + kept);
      Files.write(path(), cut);
      assertEquals(texts(journal.kept(), 1).subList(0, 19), texts(read(), 1));
      Files.write(path(), Arrays.copyOf(cut, cut.length + 4096));
      assertEquals(texts(journal.kept(), 1).subList(0, 19), texts(read(), 1), "what was not written is zeros");
    }
  }

  @Test
  void goesWithItsBuild() {
    OutputJournal journal = new OutputJournal(path(), json, MOST);
    write(journal, 1, "one\n");
    journal.close();
    write(journal, 1, "two\n");

    assertFalse(Files.exists(path()));
    assertEquals(List.of(), texts(read(), 1));
  }

  @Test
  void changesNothingWhenItCannotBeWritten() {
    OutputJournal journal = new OutputJournal(folder.resolve("nosuch").resolve("x"), json, MOST);
    write(journal, 1, "one\n");
    write(journal, 1, "two\n");

    assertEquals(List.of("one\n", "two\n"), texts(journal.kept(), 1));
  }
}
