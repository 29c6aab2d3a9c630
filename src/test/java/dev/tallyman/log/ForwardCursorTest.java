package dev.tallyman.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.log.forward.Line;
import dev.tallyman.testing.FakeLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardCursorTest {
  private static final int RECORD_BYTES = 16 + 5;

  @TempDir Path folder;
  private FakeLog log;
  private int written;

  @BeforeEach
  void begin() {
    log = new FakeLog(folder, 3 * RECORD_BYTES, 3); // three records a file
  }

  private void write(int count) {
    for (int i = 0; i < count; i++) {
      log.write(Instant.ofEpochSecond(1000 + written), false, String.format("l%03d\n", written).getBytes(StandardCharsets.UTF_8));
      written++;
    }
  }

  private static List<String> read(ForwardCursor cursor, long bytes) throws IOException {
    LineAssembly assembly = new LineAssembly();
    List<Line> lines = new ArrayList<>();
    cursor.read(bytes, (entry, spot) -> assembly.add(entry, spot, lines));
    return lines.stream().map(each -> new String(each.bytes(), StandardCharsets.UTF_8)).toList();
  }

  private ForwardCursor cursor(ForwardPlace from) throws IOException {
    ForwardCursor cursor = new ForwardCursor(new LogFolder(folder));
    cursor.open(from);
    return cursor;
  }

  @Test
  void readsOverRotationsAndGoesBack() throws IOException {
    write(2);
    try (ForwardCursor cursor = cursor(null)) {
      assertEquals(List.of("l000", "l001"), read(cursor, 10_000));
      assertFalse(cursor.hasMore());
      ForwardCursor.Spot spot = cursor.spot();
      write(5);
      assertTrue(cursor.hasMore());
      assertEquals(List.of("l002", "l003", "l004", "l005", "l006"), read(cursor, 10_000));
      cursor.back(spot);
      assertEquals(List.of("l002", "l003"), read(cursor, 2 * RECORD_BYTES));
      write(20); // even the file it reads is gone now
      assertEquals("l004", read(cursor, 1).get(0));
    }
  }

  @Test
  void aNewServerGoesOnWhereTheOldOneWas() throws IOException {
    write(2);
    ForwardPlace place;
    try (ForwardCursor cursor = cursor(null)) {
      read(cursor, RECORD_BYTES);
      place = cursor.release(cursor.spot());
    }
    write(4);
    assertNotNull(place);
    try (ForwardCursor cursor = cursor(place)) {
      assertEquals(List.of("l001", "l002", "l003", "l004", "l005"), read(cursor, 10_000));
    }
  }

  @Test
  void whatWasRotatedAwayIsNoticed() throws IOException {
    write(2);
    ForwardPlace place;
    try (ForwardCursor cursor = cursor(null)) {
      read(cursor, RECORD_BYTES);
      place = cursor.release(cursor.spot());
    }
    write(30);
    try (ForwardCursor cursor = new ForwardCursor(new LogFolder(folder))) {
      assertFalse(cursor.open(place));
      List<String> left = read(cursor, 10_000);
      assertEquals("l031", left.get(left.size() - 1));
    }
  }

  @Test
  void holdsTheFilesOfARemovedContainer() throws IOException {
    write(7);
    try (ForwardCursor cursor = cursor(null)) {
      read(cursor, RECORD_BYTES);
      cursor.holdAll();
      try (var files = Files.list(folder)) {
        for (Path each : files.toList()) {
          Files.delete(each);
        }
      }
      assertEquals(List.of("l001", "l002", "l003", "l004", "l005", "l006"), read(cursor, 10_000));
      assertFalse(cursor.hasMore());
    }
  }

  @Test
  void anEmptyLogHasNoPlaceYet() throws IOException {
    try (ForwardCursor cursor = cursor(null)) {
      assertEquals(List.of(), read(cursor, 100));
      assertNull(cursor.release(cursor.spot()));
    }
  }

  @Test
  void linesOfTwoStreamsAreKeptApartAndLongOnesCut() throws IOException {
    log = new FakeLog(folder, 0, 1);
    Instant at = Instant.ofEpochSecond(5);
    log.write(at, false, "out ".getBytes(StandardCharsets.UTF_8));
    log.write(at, true, "error\r\n".getBytes(StandardCharsets.UTF_8));
    log.write(at, false, "put\n".getBytes(StandardCharsets.UTF_8));
    log.write(at, true, "x".repeat(LineAssembly.LONGEST_BYTES + 3).getBytes(StandardCharsets.UTF_8));
    try (ForwardCursor cursor = cursor(null)) {
      LineAssembly assembly = new LineAssembly();
      List<Line> lines = new ArrayList<>();
      cursor.read(1_000_000, (entry, spot) -> assembly.add(entry, spot, lines));

      assertEquals(List.of("error", "out put"), lines.subList(0, 2).stream().map(each -> new String(each.bytes(), StandardCharsets.UTF_8)).toList());
      assertTrue(lines.get(0).isError() && !lines.get(1).isError());
      assertTrue(lines.get(2).isPartial() && lines.get(2).bytes().length == LineAssembly.LONGEST_BYTES);
      assertEquals(3 * 16 + 4 + 7 + 4, assembly.openSince().offset());
      assembly.finish(lines);
      assertEquals("xxx", new String(lines.get(3).bytes(), StandardCharsets.UTF_8));
      assertNull(assembly.openSince());
    }
  }
}
