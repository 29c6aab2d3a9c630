package dev.tallyman.build;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** What runs is in memory and in its journal; its row is written at its beginning and at its end. */
@ApplicationScoped
class BuildRecordService implements BuildRecords {
  private static final Logger LOG = Logger.getLogger(BuildRecordService.class);

  private final BuildRecordStore store;
  private final BuildJournals journals;
  private final AuditTrail audit;
  private final BuildLimits limits;
  private final Map<String, BuildTrace> running = new ConcurrentHashMap<>();

  @Inject
  BuildRecordService(BuildRecordStore store, BuildJournals journals, AuditTrail audit, BuildLimits limits) {
    this.store = store;
    this.journals = journals;
    this.audit = audit;
    this.limits = limits;
  }

  BuildTrace begin(Caller caller, String id, BuildRequest request) {
    BuildTrace trace = new BuildTrace(caller, id, request, journals.open(id));
    running.put(id, trace);
    boolean isWritten = false;
    try {
      QuarkusTransaction.requiringNew().run(() -> store.begin(caller.team(), trace.running()));
      isWritten = true;
      return trace;
    } finally {
      if (!isWritten) {
        end(trace);
      }
    }
  }

  /** In the transaction that names the image. */
  void done(BuildTrace trace, String image) {
    store.end(trace.caller.team(), trace.done(image), limits.recordsMax());
  }

  /** A record that cannot be written changes nothing about why the build failed. */
  void failed(BuildTrace trace, boolean isCancelled, String error) {
    BuildRecord record = trace.failed(isCancelled, error);
    try {
      end(trace.caller.team(), record);
    } catch (RuntimeException e) {
      LOG.warnf(e, "the record of build %s was not written; it is written without its stages", trace.id());
      endBriefly(trace.caller.team(), record);
    }
  }

  /** What its stages are may be why it cannot be written, but it must not run for ever. */
  private void endBriefly(long team, BuildRecord record) {
    try {
      end(team, record.with(List.of()));
    } catch (RuntimeException e) {
      LOG.warnf(e, "the record of build %s was not written", record.id());
    }
  }

  private void end(long team, BuildRecord record) {
    QuarkusTransaction.requiringNew().run(() -> store.end(team, record, limits.recordsMax()));
  }

  /** Builds that the server's death cut off. For its start, before there are others. */
  List<BuildRecordStore.Unfinished> unfinished() {
    return QuarkusTransaction.requiringNew().call(store::unfinished);
  }

  /** Nothing is left of it but its record, which tells what is known. A death between the two rows tells it twice in the trail, never not at all. */
  void interrupted(BuildRecordStore.Unfinished each) {
    BuildRecord build = each.build().interrupted(journals.read(each.build().id()));
    String object = build.names().isEmpty() ? "(no name)" : String.join(", ", build.names());
    String from = build.dockerfile().isEmpty() ? "" : ", Dockerfile " + build.dockerfile() + ", context " + build.context();
    String detail = INTERRUPTION + ": build " + build.id() + ", begun " + build.startedAt() + " by " + build.account() + " (" + build.way() + "), at step " + build.stepCount() + from;
    audit.failed(Caller.system(each.team(), each.teamName()), "image.build", object, new TallymanException(ErrorKind.UNAVAILABLE, detail));
    end(each.team(), build);
  }

  /** Of builds that have ended nothing but their record is needed. */
  void tidy() {
    journals.keepOnly(unfinished().stream().map(each -> each.build().id()).collect(Collectors.toSet()));
  }

  /** It runs no more. */
  void end(BuildTrace trace) {
    running.remove(trace.id());
    trace.close();
  }

  @Override
  public List<BuildRecord> list(Caller caller, int limit) {
    caller.require(Role.VIEWER, "see builds");
    return store.list(caller.team(), limit).stream().map(each -> current(caller, each, false)).toList();
  }

  @Override
  public BuildRecord get(Caller caller, String id) {
    caller.require(Role.VIEWER, "see a build");
    BuildRecord row = store.find(caller.team(), id).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "there is no build " + id));
    return current(caller, row, true);
  }

  @Override
  public Optional<BuildRecord> named(Caller caller, String name) {
    return named(caller, name, true);
  }

  @Override
  public Optional<BuildRecord> outline(Caller caller, String name) {
    return named(caller, name, false);
  }

  private Optional<BuildRecord> named(Caller caller, String name, boolean hasOutput) {
    caller.require(Role.VIEWER, "see a build");
    BuildTrace trace = running(caller, name);
    if (trace != null) {
      return Optional.of(trace.running());
    }
    return name.isEmpty() ? Optional.empty() : store.named(caller.team(), name, hasOutput).map(each -> current(caller, each, true));
  }

  @Override
  public long changes(Caller caller, String id) {
    caller.require(Role.VIEWER, "see a build");
    BuildTrace trace = running(caller, id);
    return trace == null ? ENDED : trace.changes();
  }

  private @Nullable BuildTrace running(Caller caller, String id) {
    BuildTrace trace = running.get(id);
    return trace != null && trace.caller.team() == caller.team() ? trace : null;
  }

  @Override
  public void remove(Caller caller, String id) {
    try {
      caller.require(Role.MEMBER, "remove the record of a build");
      QuarkusTransaction.requiringNew().run(() -> {
        BuildRecord row = store.find(caller.team(), id).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "there is no build " + id));
        if (row.outcome() == Outcome.RUNNING) {
          throw new TallymanException(ErrorKind.CONFLICT, "cannot remove the record of build " + id + ": it has not ended; cancel it first");
        }
        store.remove(caller.team(), id);
        audit.done(caller, "image.build-forget", id, row.names().isEmpty() ? "(no name)" : String.join(", ", row.names()));
      });
    } catch (RuntimeException e) {
      audit.failed(caller, "image.build-forget", id, e);
      throw e;
    }
  }

  /** A row says that a build runs: so it does, or has ended by now, or the server died and could not clear away yet what is left of it. */
  private BuildRecord current(Caller caller, BuildRecord row, boolean hasStages) {
    if (row.outcome() != Outcome.RUNNING) {
      return row;
    }
    BuildTrace trace = running.get(row.id());
    if (trace != null) {
      return hasStages ? trace.running() : trace.running().with(List.of());
    }
    return store.find(caller.team(), row.id()).filter(each -> each.outcome() != Outcome.RUNNING).map(each -> hasStages ? each : each.with(List.of())).orElseGet(row::interrupted);
  }
}
