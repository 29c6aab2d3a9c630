package dev.tallyman.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.log.Logs.LogQuery;
import dev.tallyman.testing.FakeLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LogReadingTest {
  private static final LogQuery ALL = new LogQuery(true, true, false, null, null, -1, false);

  @TempDir Path folder;

  private static LogQuery tail(long lines) {
    return new LogQuery(true, true, false, null, null, lines, false);
  }

  private static LogQuery between(@Nullable Instant since, @Nullable Instant until) {
    return new LogQuery(true, true, false, since, until, -1, false);
  }

  private void write(FakeLog log, long second, boolean isError, String text) {
    log.write(Instant.ofEpochSecond(second), isError, text.getBytes(StandardCharsets.UTF_8));
  }

  private CollectingSink read(LogQuery query) throws IOException {
    CollectingSink sink = new CollectingSink();
    new LogReading(new LogFolder(folder), query, sink).readAll();
    return sink;
  }

  @Test
  void readsNothingWhereThereIsNoLog() throws IOException {
    assertEquals("", read(ALL).text());
    assertEquals("", read(tail(5)).text());
  }

  @Test
  void passesBothStreamsOnInTheirOrder() throws IOException {
    FakeLog log = new FakeLog(folder, 0, 1);
    write(log, 1, false, "out1\nou");
    write(log, 2, true, "err\n");
    write(log, 3, false, "t2\n");

    assertEquals("out1\nouerr\nt2\n", read(ALL).text());
    assertEquals("err\n", read(ALL).errorText());
    assertEquals("a=b err\n", read(new LogQuery(false, true, false, null, null, -1, false, "a=b ")).text());
    assertEquals("err\n", read(new LogQuery(false, true, false, null, null, -1, false)).text());
    assertEquals("out1\nout2\n", read(new LogQuery(true, false, false, null, null, -1, false)).text());
  }

  @Test
  void writesTheTimeInFrontOfEachLine() throws IOException {
    FakeLog log = new FakeLog(folder, 0, 1);
    log.write(Instant.ofEpochSecond(1_700_000_000, 5), false, "a\nb\nc".getBytes(StandardCharsets.UTF_8));
    log.write(Instant.ofEpochSecond(1_700_000_001, 120_000_000), false, "d\n".getBytes(StandardCharsets.UTF_8));

    assertEquals(
        "2023-11-14T22:13:20.000000005Z a\n2023-11-14T22:13:20.000000005Z b\n2023-11-14T22:13:20.000000005Z cd\n",
        read(new LogQuery(true, true, false, null, null, -1, true)).text());
  }

  @Test
  void choosesLinesByTheTimeOfTheirBeginning() throws IOException {
    FakeLog log = new FakeLog(folder, 60, 10);
    for (int i = 1; i <= 9; i++) {
      write(log, i, i % 2 == 0, "line " + i + "\n");
    }

    assertEquals("line 8\nline 9\n", read(between(Instant.ofEpochSecond(8), null)).text());
    assertEquals("line 1\nline 2\n", read(between(null, Instant.ofEpochSecond(2))).text());
    assertEquals("line 4\n", read(between(Instant.ofEpochSecond(4), Instant.ofEpochSecond(4))).text());
    assertEquals("", read(between(Instant.ofEpochSecond(40), null)).text());
    assertEquals("line 5\n", read(new LogQuery(true, true, false, null, Instant.ofEpochSecond(5), 1, false)).text());
    assertEquals("line 1\n", read(between(Instant.MIN, Instant.ofEpochSecond(1))).text());
  }

  @Test
  void cutsOffATornLastRecord() throws IOException {
    FakeLog log = new FakeLog(folder, 0, 1);
    write(log, 1, false, "whole\n");
    Path file = folder.resolve("log");
    long whole = Files.size(file);
    write(log, 2, false, "torn\n");
    byte[] bytes = Files.readAllBytes(file);

    for (int length = (int) whole; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertEquals("whole\n", read(ALL).text());
      assertEquals("whole\n", read(tail(7)).text());
    }
  }

  @Test
  void stopsAtBytesThatAreNoRecord() throws IOException {
    write(new FakeLog(folder, 0, 1), 1, false, "good\n");
    Files.write(folder.resolve("log"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 127, 127, 127, 127, 1}, StandardOpenOption.APPEND);

    assertEquals("good\n", read(ALL).text());
  }

  /** One piece of output with the number of the line that it belongs to. */
  private record Piece(int line, String text) {}

  @Test
  void tailsLikeACarefulReaderOfTheWholeLog() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 150; round++) {
      Path target = Files.createDirectory(folder.resolve("round" + round));
      FakeLog log = new FakeLog(target, 30 + random.nextInt(200), 1000);
      List<Piece> pieces = new ArrayList<>();
      int[] current = {-1, -1};
      int lines = 0;
      for (int i = 0; i < 40; i++) {
        int stream = random.nextInt(4) == 0 ? 1 : 0;
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(12);
        for (int k = 0; k < length; k++) {
          String c = random.nextInt(4) == 0 ? "\n" : String.valueOf((char) ('a' + random.nextInt(26)));
          current[stream] = current[stream] < 0 ? lines++ : current[stream];
          pieces.add(new Piece(current[stream], c));
          current[stream] = c.equals("\n") ? -1 : current[stream];
          text.append(c);
        }
        write(log, i, stream == 1, text.toString());
      }
      for (int wanted = 0; wanted <= lines + 2; wanted++) {
        int first = lines - wanted;
        String expected = String.join("", pieces.stream().filter(each -> each.line() >= first).map(Piece::text).toList());
        CollectingSink sink = new CollectingSink();
        new LogReading(new LogFolder(target), tail(wanted), sink).readAll();
        assertEquals(expected, sink.text(), "round " + round + ", tail " + wanted);
      }
    }
  }

  /** Large enough that its beginning is not read; the damage there would end a reading from the beginning. */
  @Test
  void tailsALargeLogFromItsEnd() throws IOException {
    FakeLog log = new FakeLog(folder, 0, 1);
    for (int i = 0; i < 40; i++) {
      write(log, i, false, "x".repeat(60_000) + "\n");
    }
    write(log, 50, false, "last but one\nlast\n");
    byte[] bytes = Files.readAllBytes(folder.resolve("log"));
    bytes[8] = 7;
    Files.write(folder.resolve("log"), bytes);

    assertEquals("", read(ALL).text());
    assertEquals("last but one\nlast\n", read(tail(2)).text());
    assertEquals("x".repeat(60_000) + "\nlast but one\nlast\n", read(tail(3)).text());
  }

  /** What a container writes may look like records, whole ones, cut ones, or a row of them that ends where the true one does. */
  @Test
  void tailsALogWhoseContentLooksLikeRecords() throws IOException {
    Random random = new Random(11);
    for (int round = 0; round < 12; round++) {
      Path target = Files.createDirectory(folder.resolve("hostile" + round));
      FakeLog log = new FakeLog(target, round % 3 == 0 ? 400_000 : 0, 1000);
      for (int i = 0; i < 60; i++) {
        byte[] payload = hostile(random, round);
        log.write(Instant.ofEpochSecond(i), random.nextInt(5) == 0, payload);
      }
      tornNow(target, random, round);
      CollectingSink all = new CollectingSink();
      new LogReading(new LogFolder(target), new LogQuery(true, false, false, null, null, -1, false), all).readAll();
      String whole = all.text();
      for (int wanted : new int[] {0, 1, 5, 50, 500, 5000}) {
        CollectingSink sink = new CollectingSink();
        new LogReading(new LogFolder(target), new LogQuery(true, false, false, null, null, wanted, false), sink).readAll();
        assertEquals(lastLines(whole, wanted), sink.text(), "round " + round + ", tail " + wanted);
      }
    }
  }

  /** Text with lines, and in it a header whose record ends with the payload, behind it, or within it. */
  private static byte[] hostile(Random random, int round) {
    byte[] payload = new byte[random.nextInt(65_537)];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (random.nextInt(40) == 0 ? '\n' : 'a' + random.nextInt(26));
    }
    for (int fake = 0; fake < round && payload.length > 32; fake++) {
      int at = random.nextInt(payload.length - 16);
      int rest = payload.length - at - 16;
      int length = switch (random.nextInt(3)) {
        case 0 -> rest;
        case 1 -> random.nextInt(rest + 1);
        default -> 65_536;
      };
      ByteBuffer.wrap(payload, at, 16).putLong(1).putInt(0x01000000).putInt(length);
    }
    return payload;
  }

  private static void tornNow(Path target, Random random, int round) throws IOException {
    if (round % 2 == 1) {
      byte[] bytes = Files.readAllBytes(target.resolve("log"));
      Files.write(target.resolve("log"), Arrays.copyOf(bytes, bytes.length - random.nextInt(Math.min(bytes.length, 70_000))));
    }
  }

  private static String lastLines(String text, int wanted) {
    int from = text.length();
    for (int i = 0; i < wanted && from > 0; i++) {
      from = text.lastIndexOf('\n', from - 2) + 1;
    }
    return text.substring(from);
  }

  @Test
  void followsThroughRotationsWithoutLosingAByte() throws Exception {
    FakeLog log = new FakeLog(folder, 2000, 100_000);
    StringBuilder expected = new StringBuilder();
    AtomicBoolean hasEnded = new AtomicBoolean();
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();
    write(log, 0, false, "first\n");
    CompletableFuture<Void> reading = follow(new LogQuery(true, true, true, null, null, -1, false), sink, watches, hasEnded);
    sink.awaitText("first\n");
    expected.append("first\n");

    for (int i = 0; i < 3000; i++) {
      String text = "line " + i + " of the log\n";
      write(log, i, i % 3 == 0, text);
      expected.append(text);
    }
    hasEnded.set(true);

    reading.get(20, TimeUnit.SECONDS);
    assertEquals(expected.toString(), sink.text());
    assertTrue(Files.exists(folder.resolve("log.20")), "the log was rotated");
    watches.close();
  }

  @Test
  void holdsNoFileOpenThatIsRead() throws Exception {
    FakeLog log = new FakeLog(folder, 20, 10);
    for (int i = 0; i < 5; i++) {
      write(log, i, false, "line " + i + "\n");
    }
    AtomicBoolean hasEnded = new AtomicBoolean();
    for (long lines : new long[] {-1, 1}) {
      CollectingSink sink = new CollectingSink();
      LogWatch watches = new LogWatch();
      hasEnded.set(false);
      CompletableFuture<Void> reading = follow(new LogQuery(true, true, true, null, null, lines, false), sink, watches, hasEnded);
      sink.awaitText("line 4\n");

      List<String> open = openFiles();

      hasEnded.set(true);
      reading.get(20, TimeUnit.SECONDS);
      watches.close();
      assertEquals(List.of("log"), open);
    }
  }

  private List<String> openFiles() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path each : descriptors) {
        try {
          Path target = Files.readSymbolicLink(each);
          if (target.startsWith(folder.toRealPath())) {
            names.add(target.getFileName().toString());
          }
        } catch (NoSuchFileException e) {
          continue; // closed meanwhile by another thread
        }
      }
    }
    return names;
  }

  @Test
  void waitsForALogThatIsNotBegunYet() throws Exception {
    AtomicBoolean hasEnded = new AtomicBoolean();
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();
    CompletableFuture<Void> reading = follow(new LogQuery(true, true, true, null, null, -1, false), sink, watches, hasEnded);
    Thread.sleep(50); // long enough for a look at the empty folder

    write(new FakeLog(folder, 0, 1), 0, false, "first\n");

    sink.awaitText("first\n");
    hasEnded.set(true);
    reading.get(20, TimeUnit.SECONDS);
    watches.close();
  }

  @Test
  void endsWithAContainerThatHasNoLog() throws Exception {
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();
    follow(new LogQuery(true, true, true, null, null, -1, false), sink, watches, new AtomicBoolean(true)).get(20, TimeUnit.SECONDS);
    assertEquals("", sink.text());
    watches.close();
  }

  @Test
  void showsAPromptWithoutAnEndOfLineAtOnceEvenWithTail() throws Exception {
    FakeLog log = new FakeLog(folder, 0, 1);
    AtomicBoolean hasEnded = new AtomicBoolean();
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();
    CompletableFuture<Void> reading = follow(new LogQuery(true, true, true, null, null, 0, false), sink, watches, hasEnded);
    Thread.sleep(100); // long enough for the tail to be found

    write(log, 1, false, "login: ");
    sink.awaitText("login: ");

    hasEnded.set(true);
    reading.get(20, TimeUnit.SECONDS);
    watches.close();
  }

  @Test
  void stopsFollowingWhenTheClientLeaves() throws Exception {
    new FakeLog(folder, 0, 1);
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();
    CompletableFuture<Void> reading = follow(new LogQuery(true, true, true, null, null, -1, false), sink, watches, new AtomicBoolean());

    sink.isClosed = true;

    reading.get(20, TimeUnit.SECONDS);
    watches.close();
  }

  @Test
  void stopsFollowingWhenTheTimeIsOver() throws Exception {
    write(new FakeLog(folder, 0, 1), 1, false, "old\n");
    CollectingSink sink = new CollectingSink();
    LogWatch watches = new LogWatch();

    follow(new LogQuery(true, true, true, null, Instant.now().plusMillis(200), -1, false), sink, watches, new AtomicBoolean()).get(20, TimeUnit.SECONDS);

    assertEquals("old\n", sink.text());
    watches.close();
  }

  private CompletableFuture<Void> follow(LogQuery query, CollectingSink sink, LogWatch watches, AtomicBoolean hasEnded) {
    return CompletableFuture.runAsync(
        () -> {
          try (LogWatch.Watch watch = watches.watch(folder)) {
            new LogReading(new LogFolder(folder), query, sink).follow(watch, hasEnded::get);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @Test
  void opensEveryFileOnceWhileItIsRotated() throws Exception {
    FakeLog log = new FakeLog(folder, 100, 100_000);
    AtomicBoolean isDone = new AtomicBoolean();
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 1500; i++) {
                write(log, i, false, String.format("%06d\n", i));
              }
              isDone.set(true);
            });

    while (!isDone.get()) {
      String text = read(ALL).text();
      List<String> lines = text.lines().toList();
      Set<String> distinct = new HashSet<>(lines);
      assertEquals(lines.size(), distinct.size(), "a line was read twice");
      assertEquals(lines.stream().sorted().toList(), lines);
      for (int i = 0; i < lines.size(); i++) {
        assertEquals(String.format("%06d", i), lines.get(i), "a line was lost");
      }
    }
    writing.get(20, TimeUnit.SECONDS);
  }
}
