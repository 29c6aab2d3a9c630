package dev.tallyman.build;

import dev.tallyman.build.BuildProgress.Kind;
import dev.tallyman.build.BuildProgress.Mark;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.build.dockerfile.Stage;
import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Notes what a build does while it does it, in memory and in its journal. For several threads. */
final class BuildTrace implements AutoCloseable {
  private static final int LONGEST_TEXT = 300;
  private static final int LONGEST_REF = 128;
  private static final int LONGEST_ERROR = 2_000;

  final Caller caller;
  private final String id;
  private final BuildRequest request;
  private final BuildJournals.Journal journal;
  private final Instant startedAt = now();
  private final BuildProgress progress;
  private final AtomicLong changes = new AtomicLong();

  BuildTrace(Caller caller, String id, BuildRequest request, BuildJournals.Journal journal) {
    this.progress = new BuildProgress(journal.output());
    this.caller = caller;
    this.id = id;
    this.request = request;
    this.journal = journal;
  }

  private static Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MICROS);
  }

  private static String shortened(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most - 1) + "…";
  }

  String id() {
    return id;
  }

  /** What was noted before is in a record that is asked for later. */
  long changes() {
    return changes.get();
  }

  private synchronized void add(Mark mark) {
    progress.add(mark);
    changes.incrementAndGet();
    journal.add(mark);
  }

  private void add(Kind kind, int stage, int number, String text) {
    add(new Mark(kind, now(), stage, number, text));
  }

  /** @param dockerfileDigest of its text; @param contextDigest of the context */
  void read(String dockerfileDigest, String contextDigest) {
    add(new Mark(Kind.READ, now(), 0, 0, dockerfileDigest, contextDigest, List.of()));
  }

  /** @param image id of one that a stage begins with, or takes files of */
  void based(String image) {
    add(Kind.BASED, 0, 0, image);
  }

  synchronized List<String> bases() {
    return progress.bases();
  }

  /** What will be done. @param bases what the FROM of each stage names, by its number */
  void planned(StagePlan plan, Map<Integer, String> bases) {
    for (Stage each : plan.stages()) {
      String name = each.name() == null ? "" : each.name();
      String base = shortened(bases.getOrDefault(each.index(), ""), LONGEST_TEXT);
      add(new Mark(Kind.PLANNED, now(), each.index(), 0, shortened(name, LONGEST_TEXT), base, List.copyOf(plan.needs(each))));
    }
  }

  void began(int stage, int number, String text) {
    add(Kind.BEGAN, stage, number, shortened(text, LONGEST_TEXT));
  }

  /** The step that the stage is at is from the cache. */
  void reused(int stage) {
    add(Kind.REUSED, stage, 0, "");
  }

  /** The step that the stage is at has ended well. @param image id; empty for nothing */
  void ended(int stage, String image) {
    add(Kind.ENDED, stage, 0, image);
  }

  /** The step that the stage is at is why the build fails. */
  void failed(int stage) {
    add(Kind.FAILED, stage, 0, "");
  }

  /** The command of the step that the stage is at writes. */
  synchronized void wrote(int stage, String text) {
    progress.wrote(stage, now(), text);
    changes.incrementAndGet();
    journal.written();
  }

  BuildRecord running() {
    return record(Outcome.RUNNING, "", "", null);
  }

  BuildRecord done(String image) {
    return record(Outcome.DONE, "", image, now());
  }

  BuildRecord failed(boolean isCancelled, String error) {
    return record(isCancelled ? Outcome.CANCELLED : Outcome.FAILED, shortened(error, LONGEST_ERROR), "", now());
  }

  private synchronized BuildRecord record(Outcome outcome, String error, String image, @Nullable Instant endedAt) {
    return new BuildRecord(
        id, caller.accountName(), caller.way().name().toLowerCase(Locale.ROOT), BuildRecordStore.bounded(request.names()), shortened(request.target(), LONGEST_TEXT), progress.dockerfile(),
        progress.context(), BuildRecordStore.bounded(progress.bases()), outcome, error, image, startedAt, endedAt, progress.stepCount(), progress.cachedCount(), progress.stages(), shortened(request.id(), LONGEST_REF));
  }

  /** The build has ended, and its record is written. */
  @Override
  public synchronized void close() {
    journal.close();
  }
}
