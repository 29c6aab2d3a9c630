package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a build goes, as StatusResponses made of its record: each time what was not told yet. One that has ended is told at once, as far as it is kept. */
final class HistoryTail {
  private static final int STDOUT = 1;

  private final Map<Integer, Told> told = new HashMap<>();
  private boolean isFailureTold;

  /** Of one step. */
  private static final class Told {
    private final String digest;
    private @Nullable String name;
    private boolean hasEnded;
    private int lines;
    private @Nullable OutputPiece last;

    Told(String digest) {
      this.digest = digest;
    }

    /** Lines that are kept and were not told; one that has not ended only when nothing follows. */
    List<OutputPiece> fresh(List<OutputPiece> kept, boolean isWhole) {
      boolean isSame = lines == 0 || lines <= kept.size() && kept.get(lines - 1).equals(last);
      // Else earlier ones have given way.
      int from = isSame ? lines : kept.lastIndexOf(last) + 1;
      int end = isWhole || kept.isEmpty() || kept.get(kept.size() - 1).text().endsWith("\n") ? kept.size() : kept.size() - 1;
      if (from >= end) {
        return List.of();
      }
      lines = end;
      last = kept.get(end - 1);
      return kept.subList(from, end);
    }
  }

  /** A step of a stage. @param number within the stage */
  private record Placed(StageRecord stage, int number, StepRecord step) {
    /** Of how many there are the record of a build that runs does not tell. */
    String name(boolean isOnlyStage, boolean isOver) {
      String name = stage.name().isEmpty() ? (isOnlyStage ? "" : "stage-" + stage.index() + " ") : stage.name() + " ";
      return "[" + name + number + (isOver ? "/" + stage.steps().size() : "") + "] " + step.text();
    }
  }

  /** Those of which something may be left to tell. */
  private List<Placed> steps(BuildRecord build) {
    List<Placed> all = new ArrayList<>();
    for (StageRecord stage : build.stages()) {
      int number = 0;
      for (StepRecord step : stage.steps()) {
        number++;
        Told before = told.get(step.number());
        if (before == null || !before.hasEnded) {
          all.add(new Placed(stage, number, step));
        }
      }
    }
    all.sort(Comparator.comparing(each -> each.step().startedAt()));
    return all;
  }

  List<ProtoWriter> next(BuildRecord build) {
    boolean isOver = build.outcome() != Outcome.RUNNING;
    Instant end = build.endedAt() == null ? build.startedAt() : build.endedAt();
    List<ProtoWriter> responses = new ArrayList<>();
    for (Placed each : steps(build)) {
      StepRecord step = each.step();
      Told before = told.computeIfAbsent(step.number(), number -> new Told(digest(build, number)));
      boolean hasEnded = isOver || step.endedAt() != null;
      boolean hasBegun = before.name != null;
      String name = hasBegun ? before.name : each.name(build.stages().size() == 1, isOver);
      before.name = name;
      ProtoWriter vertex = new ProtoWriter().text(1, before.digest).text(3, name).number(4, step.isCached() ? 1 : 0).time(5, step.startedAt());
      ProtoWriter response = new ProtoWriter();
      List<OutputPiece> lines = before.fresh(step.output(), hasEnded);
      if (!hasBegun) {
        response.message(1, vertex);
      }
      for (OutputPiece piece : lines) {
        response.message(3, new ProtoWriter().text(1, before.digest).time(2, piece.at()).number(3, STDOUT).bytes(4, piece.text().getBytes(StandardCharsets.UTF_8)));
      }
      if (!hasBegun || !lines.isEmpty()) {
        responses.add(response);
      }
      if (hasEnded) {
        before.hasEnded = true;
        String error = step.endedAt() != null ? "" : step.isFailed() ? build.error() : HistoryMessages.CANCELLED;
        isFailureTold |= step.isFailed();
        responses.add(new ProtoWriter().message(1, vertex.time(6, step.endedAt() == null ? end : step.endedAt()).text(7, error)));
      }
    }
    if (build.outcome() == Outcome.FAILED && !isFailureTold) {
      isFailureTold = true;
      responses.add(new ProtoWriter().message(1, new ProtoWriter().text(1, digest(build, 0)).text(3, "build").time(5, build.startedAt()).time(6, end).text(7, build.error())));
    }
    return responses;
  }

  private static String digest(BuildRecord build, int step) {
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest((build.id() + " step " + step).getBytes(StandardCharsets.UTF_8));
      return "sha256:" + HexFormat.of().formatHex(sum);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
