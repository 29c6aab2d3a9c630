package dev.tallyman.build;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Those that run are in memory; a row is written when one has ended, so that no build waits for its record. */
@ApplicationScoped
class BuildRecordService implements BuildRecords {
  private static final Logger LOG = Logger.getLogger(BuildRecordService.class);

  private final BuildRecordStore store;
  private final BuildLimits limits;
  private final Map<String, BuildTrace> running = new ConcurrentHashMap<>();

  @Inject
  BuildRecordService(BuildRecordStore store, BuildLimits limits) {
    this.store = store;
    this.limits = limits;
  }

  BuildTrace begin(Caller caller, String id, BuildRequest request) {
    BuildTrace trace = new BuildTrace(caller, id, request);
    running.put(id, trace);
    return trace;
  }

  /** In the transaction that names the image. */
  void done(BuildTrace trace, String image) {
    store.add(trace.caller.team(), trace.done(image), limits.recordsMax());
  }

  /** A record that cannot be written changes nothing about why the build failed. */
  void failed(BuildTrace trace, boolean isCancelled, String error) {
    try {
      QuarkusTransaction.requiringNew().run(() -> store.add(trace.caller.team(), trace.failed(isCancelled, error), limits.recordsMax()));
    } catch (RuntimeException e) {
      LOG.warnf(e, "the record of build %s was not written", trace.id());
    }
  }

  /** It runs no more. */
  void end(BuildTrace trace) {
    running.remove(trace.id());
  }

  @Override
  public List<BuildRecord> list(Caller caller, int limit) {
    caller.require(Role.VIEWER, "see builds");
    List<BuildRecord> all = new ArrayList<>(store.list(caller.team(), limit));
    running.values().stream()
        .filter(each -> each.caller.team() == caller.team() && all.stream().noneMatch(known -> known.id().equals(each.id())))
        .map(BuildTrace::running)
        .forEach(each -> all.add(withoutStages(each)));
    all.sort(Comparator.comparing(BuildRecord::startedAt).reversed());
    return all.stream().limit(limit).toList();
  }

  private static BuildRecord withoutStages(BuildRecord each) {
    return new BuildRecord(
        each.id(), each.account(), each.way(), each.names(), each.target(), each.dockerfile(), each.context(), each.bases(), each.outcome(), each.error(), each.image(),
        each.startedAt(), each.endedAt(), each.stepCount(), each.cachedCount(), List.of());
  }

  @Override
  public BuildRecord get(Caller caller, String id) {
    caller.require(Role.VIEWER, "see a build");
    return store
        .find(caller.team(), id)
        .or(() -> Optional.ofNullable(running.get(id)).filter(each -> each.caller.team() == caller.team()).map(BuildTrace::running))
        .orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "there is no build " + id));
  }
}
