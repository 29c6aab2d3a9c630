package dev.tallyman.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.TallymanException;
import dev.tallyman.kernel.Processes.Running;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProcessTablesTest {
  private static final Instant NOON = Instant.parse("2026-01-05T12:00:00Z");

  private static Running process(int pid, String user, String name, long cpuSeconds, long residentBytes, int ageSeconds) {
    return new Running(
        pid, 1, user, 1, pid - 3, cpuSeconds, 'S', NOON.minusSeconds(ageSeconds), "?", Duration.ofSeconds(cpuSeconds), residentBytes, residentBytes, name, name);
  }

  private static List<String> sorted(String keys, List<Running> running) {
    return ProcessTables.table(running, "-o pid --sort=" + keys).processes().stream().map(row -> row.get(0)).toList();
  }

  @Test
  void sortsByWhatAColumnMeans() {
    List<Running> three = List.of(process(2, "1000", "b", 500_000, 9 << 20, 30), process(3, "999", "10", 36_000, 10 << 20, 20), process(4, "0", "9", 2, 200 << 20, 10));

    assertEquals(List.of("4", "3", "2"), sorted("uid", three));
    assertEquals(List.of("4", "3", "2"), sorted("time", three), "138 hours are more than 10");
    assertEquals(List.of("4", "3", "2"), sorted("-rss", three));
    assertEquals(List.of("2", "3", "4"), sorted("stime", three));
    assertEquals(List.of("4", "3", "2"), sorted("etime", three));
    assertEquals(List.of("2", "3", "4"), sorted("ni", three), "a nice value may be below 0");
    assertEquals(List.of("3", "4", "2"), sorted("comm", three), "names are texts");
    assertEquals(List.of("2", "3", "4"), sorted("tty,pid", three));
  }

  @Test
  void callsRootByItsName() {
    List<Running> two = List.of(process(2, "0", "a", 0, 0, 0), process(3, "33", "b", 0, 0, 0));

    for (String args : List.of("", "-ef", "aux", "-o user,pid")) {
      assertEquals(List.of("root", "33"), ProcessTables.table(two, args).processes().stream().map(row -> row.get(0)).toList(), args);
    }
    assertEquals(List.of("0", "33"), ProcessTables.table(two, "-o uid,pid").processes().stream().map(row -> row.get(0)).toList());
    assertEquals("UID", ProcessTables.table(two, "").titles().get(0));
  }

  @Test
  void tellsWhichColumnThereIsNot() {
    for (String args : List.of("-o foo", "-eo pid,foo", "-o pid,f,uid")) {
      String refused = assertThrows(TallymanException.class, () -> ProcessTables.table(List.of(), args)).getMessage();

      assertTrue(refused.startsWith("ps: error: unknown user-defined format specifier \"") && refused.contains(", pid, "), refused);
    }
    assertEquals("Couldn't find PID field in ps output", assertThrows(TallymanException.class, () -> ProcessTables.table(List.of(), "-o cmd")).getMessage());
  }

  @Test
  void sortsWhateverManyCallThemselves() {
    List<String> names = List.of("9", "10", "1a", "99", "2", "1.5", "1b", "", "100", "-1");
    List<Running> many = IntStream.range(0, 40).mapToObj(i -> process(i + 2, "0", names.get(i * 7 % names.size()), 0, 0, 0)).toList();

    List<String> shown = ProcessTables.table(many, "-o comm,pid --sort=comm").processes().stream().map(row -> row.get(0)).toList();

    assertEquals(many.stream().map(Running::name).sorted().toList(), shown);
  }
}
