package dev.tallyman.engine.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HistoryTailTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  private final HistoryTail tail = new HistoryTail();

  private static StepRecord step(int number, boolean hasEnded, String... lines) {
    List<OutputPiece> output = Arrays.stream(lines).map(each -> new OutputPiece(AT, each)).toList();
    return new StepRecord(number, "RUN " + number, AT.plusSeconds(number), hasEnded ? AT.plusSeconds(number + 1) : null, false, "", false, output);
  }

  private static BuildRecord build(Outcome outcome, StepRecord... steps) {
    @Nullable Instant end = outcome == Outcome.RUNNING ? null : AT.plusSeconds(100);
    String error = outcome == Outcome.FAILED ? "why" : "";
    return new BuildRecord("id", "a", "docker", List.of(), "", "", "", List.of(), outcome, error, "", AT, end, steps.length, 0, List.of(new StageRecord(0, "", "", List.of(), List.of(steps))), "");
  }

  /** Names and errors of vertexes, and lines. */
  private List<String> next(BuildRecord build) throws IOException {
    List<String> all = new ArrayList<>();
    for (ProtoWriter response : tail.next(build)) {
      ProtoReader reader = new ProtoReader(response.toBytes());
      for (int field = reader.next(); field != 0; field = reader.next()) {
        all.add(field == 1 ? vertex(reader.message()) : line(reader.message()));
      }
    }
    return all;
  }

  private static String vertex(ProtoReader vertex) throws IOException {
    String name = "";
    String state = "begins";
    for (int field = vertex.next(); field != 0; field = vertex.next()) {
      switch (field) {
        case 3 -> name = vertex.text();
        case 6 -> {
          vertex.skip();
          state = "ends";
        }
        case 7 -> {
          String error = vertex.text();
          state = error.isEmpty() ? state : error;
        }
        default -> vertex.skip();
      }
    }
    return name + " " + state;
  }

  private static String line(ProtoReader log) throws IOException {
    String text = "";
    for (int field = log.next(); field != 0; field = log.next()) {
      if (field == 4) {
        byte[] bytes = new byte[1000];
        var data = log.bytes();
        int length = data.remaining();
        data.get(bytes, 0, length);
        text = new String(bytes, 0, length, StandardCharsets.UTF_8);
      } else {
        log.skip();
      }
    }
    return text;
  }

  @Test
  void tellsEachThingOnce() throws IOException {
    assertEquals(List.of("[1] RUN 1 begins", "a\n"), next(build(Outcome.RUNNING, step(1, false, "a\n", "half"))));
    assertEquals(List.of(), next(build(Outcome.RUNNING, step(1, false, "a\n", "half a"))));
    assertEquals(List.of("half a line\n", "a\n"), next(build(Outcome.RUNNING, step(1, false, "a\n", "half a line\n", "a\n"))));
    assertEquals(
        List.of("last", "[1] RUN 1 ends", "[2] RUN 2 begins"), next(build(Outcome.RUNNING, step(1, true, "a\n", "half a line\n", "a\n", "last"), step(2, false))));
    assertEquals(List.of("[2] RUN 2 context canceled", "build why"), next(build(Outcome.FAILED, step(1, true, "a\n", "half a line\n", "a\n", "last"), step(2, false))));
    assertEquals(List.of(), next(build(Outcome.FAILED, step(1, true), step(2, false))));
  }

  /** When more is written than is kept, earlier lines are gone. */
  @Test
  void goesOnWhereItWas() throws IOException {
    next(build(Outcome.RUNNING, step(1, false, "a\n", "b\n", "c\n")));
    assertEquals(List.of("d\n"), next(build(Outcome.RUNNING, step(1, false, "[cut]\n", "c\n", "d\n"))));
    assertEquals(List.of("[cut]\n", "x\n"), next(build(Outcome.RUNNING, step(1, false, "[cut]\n", "x\n"))));
  }

  @Test
  void looksAtNoStepWhoseEndWasTold() throws IOException {
    assertEquals(List.of("[1] RUN 1 begins", "a\n", "[1] RUN 1 ends"), next(build(Outcome.RUNNING, step(1, true, "a\n"))));
    assertEquals(List.of("[2] RUN 2 begins"), next(build(Outcome.RUNNING, step(1, true, "a\n", "b\n"), step(2, false))));
  }

  @Test
  void tellsAllOfOneThatHasEnded() throws IOException {
    assertEquals(List.of("[1/1] RUN 1 begins", "a\n", "[1/1] RUN 1 ends"), next(build(Outcome.DONE, step(1, true, "a\n"))));
  }
}
