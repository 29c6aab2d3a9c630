package dev.tallyman.build;

import dev.tallyman.identity.Caller;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What builds of a team did: those that run, and the last ones that ended. For viewers; nobody sees builds of another team. Methods block. */
public interface BuildRecords {
  String INTERRUPTION = "the server ended while this was built";

  /** Instead of a number of changes: it does not run. */
  long ENDED = -1;

  /** The newest first, without their stages. @param limit at least 1 */
  List<BuildRecord> list(Caller caller, int limit);

  /** @throws dev.tallyman.error.TallymanException NOT_FOUND for one that the team does not have, or not any more */
  BuildRecord get(Caller caller, String id);

  /** The one with that id, else the newest with that ref. */
  Optional<BuildRecord> named(Caller caller, String name);

  /** How often something became known of one that runs, so that whoever follows it looks at its record only then; {@link #ENDED} for all others. */
  long changes(Caller caller, String id);

  /** The same as {@link #named}; of one that has ended without what its commands wrote, which is most of it. */
  Optional<BuildRecord> outline(Caller caller, String name);

  /**
   * Forgets one that has ended; the audit trail still has it. For members.
   *
   * @throws dev.tallyman.error.TallymanException NOT_FOUND; CONFLICT while it runs
   */
  void remove(Caller caller, String id);

  enum Outcome {
    RUNNING,
    DONE,
    FAILED,
    CANCELLED,
    /** By the end of the server. */
    INTERRUPTED
  }

  /**
   * One build.
   *
   * @param account who asked for it; @param way by which way in
   * @param names that the image was to have
   * @param target stage that was asked for; empty = the last
   * @param dockerfile digest of its text; empty when it was not read; @param context likewise
   * @param bases ids of the images that stages began with
   * @param error empty unless it failed, was cancelled or cut off
   * @param image id; empty when none was made
   * @param endedAt absent while it runs; of one that was cut off the last time that something is known of it
   * @param ref by which its client knows it; empty: by its id
   * @param stepCount of all stages that were needed; @param cachedCount of them those that were not made anew
   */
  record BuildRecord(
      String id, String account, String way, List<String> names, String target, String dockerfile, String context, List<String> bases, Outcome outcome, String error,
      String image, Instant startedAt, @Nullable Instant endedAt, int stepCount, int cachedCount, List<StageRecord> stages, String ref) {
    public BuildRecord {
      names = List.copyOf(names);
      bases = List.copyOf(bases);
      stages = List.copyOf(stages);
    }

    BuildRecord with(List<StageRecord> other) {
      return new BuildRecord(
          id, account, way, names, target, dockerfile, context, bases, outcome, error, image, startedAt, endedAt, stepCount, cachedCount, other, ref);
    }

    /** The same when its server has died. */
    BuildRecord interrupted() {
      return interrupted(new BuildProgress(new KeptOutput(0)));
    }

    BuildRecord interrupted(BuildProgress known) {
      Instant last = known.last() == null ? startedAt : known.last();
      return new BuildRecord(
          id, account, way, names, target, known.dockerfile(), known.context(), BuildRecordStore.bounded(known.bases()), Outcome.INTERRUPTED, INTERRUPTION, "", startedAt, last, known.stepCount(),
          known.cachedCount(), known.stages(), ref);
    }
  }

  /**
   * A stage that the target needs.
   *
   * @param name empty when it has none; @param base what its FROM names
   * @param needs numbers of stages that must have ended before it begins
   */
  record StageRecord(int index, String name, String base, List<Integer> needs, List<StepRecord> steps) {
    public StageRecord {
      needs = List.copyOf(needs);
      steps = List.copyOf(steps);
    }
  }

  /**
   * An instruction that was begun.
   *
   * @param text as written, shortened
   * @param endedAt absent while it runs, and of one that failed or was cancelled
   * @param isCached it was not made anew; @param image id of what it made; empty for nothing
   * @param isFailed the build failed here; others that have not ended were stopped then
   * @param output what its command wrote, line by line, as far as it is kept: the last of it, and nothing of one with secrets
   */
  record StepRecord(
      int number, String text, Instant startedAt, @Nullable Instant endedAt, boolean isCached, String image, boolean isFailed, @Nullable List<OutputPiece> output) {
    public StepRecord {
      output = output == null ? List.of() : List.copyOf(output);
    }

    @Override
    public List<OutputPiece> output() {
      return output == null ? List.of() : output;
    }
  }

  /** Something that a command wrote. @param text with its line end, if it had one */
  record OutputPiece(Instant at, String text) {}
}
