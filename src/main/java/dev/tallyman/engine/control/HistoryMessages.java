package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.OutputPiece;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.BuildRecords.StageRecord;
import dev.tallyman.build.BuildRecords.StepRecord;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of builds as BuildKit's API tells them. */
final class HistoryMessages {
  static final String COMPLETED = "completed";
  private static final int STARTED_EVENT = 0;
  private static final int COMPLETE_EVENT = 1;
  private static final int STDOUT = 1;
  /** What clients look for in the message of a build that was cancelled. */
  private static final String CANCELLED = "context canceled";

  private HistoryMessages() {}

  /** By what a client names it. */
  static String ref(BuildRecord build) {
    return build.ref().isEmpty() ? build.id() : build.ref();
  }

  /** In the words of filters. */
  static String status(BuildRecord build) {
    return switch (build.outcome()) {
      case RUNNING -> "running";
      case DONE -> COMPLETED;
      case CANCELLED -> "canceled";
      case FAILED, INTERRUPTED -> "error";
    };
  }

  /** A BuildHistoryEvent. @param build with its stages, unless it is done */
  static ProtoWriter event(BuildRecord build) {
    ProtoWriter record = new ProtoWriter().text(1, ref(build)).text(2, Frontend.DOCKERFILE);
    Map<String, String> attributes = new LinkedHashMap<>();
    if (!build.target().isEmpty()) {
      attributes.put("target", build.target());
    }
    if (build.ref().isEmpty() && !build.names().isEmpty()) {
      // Clients make the name of a build of where its context lay; for one that was not theirs, this is as good.
      attributes.put("vcs:localdir:context", String.join(" ", build.names()));
    }
    Messages.entries(record, 3, attributes);
    if (!build.names().isEmpty()) {
      ProtoWriter exporter = new ProtoWriter().text(1, "moby");
      Messages.entries(exporter, 2, Map.of("name", String.join(",", build.names())));
      record.message(4, exporter);
    }
    ProtoWriter error = error(build);
    if (error != null) {
      record.message(5, error);
    }
    record.time(6, build.startedAt());
    if (build.endedAt() != null) {
      record.time(7, build.endedAt());
    }
    if (!build.image().isEmpty()) {
      Messages.entries(record, 9, Map.of("containerimage.digest", build.image(), "containerimage.config.digest", build.image()));
    }
    record.number(15, build.cachedCount()).number(16, build.stepCount()).number(17, completed(build));
    return new ProtoWriter().number(1, build.outcome() == Outcome.RUNNING ? STARTED_EVENT : COMPLETE_EVENT).message(2, record);
  }

  private static long completed(BuildRecord build) {
    return build.outcome() == Outcome.DONE ? build.stepCount() : steps(build).stream().filter(each -> each.step().endedAt() != null).count();
  }

  /** A google.rpc.Status; absent when all is well. */
  private static @Nullable ProtoWriter error(BuildRecord build) {
    return switch (build.outcome()) {
      case RUNNING, DONE -> null;
      case CANCELLED -> new ProtoWriter().number(1, GrpcStatus.CANCELLED).text(2, CANCELLED + ": " + build.error());
      case FAILED -> new ProtoWriter().number(1, GrpcStatus.UNKNOWN).text(2, build.error());
      case INTERRUPTED -> new ProtoWriter().number(1, GrpcStatus.UNAVAILABLE).text(2, build.error());
    };
  }

  /** A step of a stage. @param number within the stage */
  private record Placed(StageRecord stage, int number, StepRecord step) {
    String name(boolean isOnlyStage) {
      String name = stage.name().isEmpty() ? (isOnlyStage ? "" : "stage-" + stage.index() + " ") : stage.name() + " ";
      return "[" + name + number + "/" + stage.steps().size() + "] " + step.text();
    }
  }

  private static List<Placed> steps(BuildRecord build) {
    List<Placed> all = new ArrayList<>();
    for (StageRecord stage : build.stages()) {
      for (StepRecord step : stage.steps()) {
        all.add(new Placed(stage, stage.steps().indexOf(step) + 1, step));
      }
    }
    all.sort(Comparator.comparing(each -> each.step().startedAt()));
    return all;
  }

  /** What was told while it was built, as StatusResponses; as far as it is kept. */
  static List<ProtoWriter> progress(BuildRecord build) {
    Instant end = build.endedAt() == null ? build.startedAt() : build.endedAt();
    List<ProtoWriter> responses = new ArrayList<>();
    boolean isFailureTold = build.outcome() != Outcome.FAILED;
    for (Placed each : steps(build)) {
      StepRecord step = each.step();
      String error = step.endedAt() != null ? "" : step.isFailed() ? build.error() : CANCELLED;
      isFailureTold |= step.isFailed();
      String digest = digest(build, step.number());
      Instant ended = step.endedAt() == null ? end : step.endedAt();
      ProtoWriter vertex = new ProtoWriter().text(1, digest).text(3, each.name(build.stages().size() == 1)).number(4, step.isCached() ? 1 : 0).time(5, step.startedAt());
      ProtoWriter response = new ProtoWriter().message(1, vertex);
      for (OutputPiece piece : step.output()) {
        response.message(3, new ProtoWriter().text(1, digest).time(2, piece.at()).number(3, STDOUT).bytes(4, piece.text().getBytes(StandardCharsets.UTF_8)));
      }
      responses.add(response);
      responses.add(new ProtoWriter().message(1, vertex.time(6, ended).text(7, error)));
    }
    if (!isFailureTold) {
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
