package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.grpc.ProtoWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Records of builds as BuildKit's API tells them. */
final class HistoryMessages {
  static final String COMPLETED = "completed";
  private static final int STARTED_EVENT = 0;
  private static final int COMPLETE_EVENT = 1;
  /** What clients look for in the message of a build that was cancelled. */
  static final String CANCELLED = "context canceled";

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
    return build.outcome() == Outcome.DONE ? build.stepCount() : build.stages().stream().flatMap(each -> each.steps().stream()).filter(each -> each.endedAt() != null).count();
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
}
