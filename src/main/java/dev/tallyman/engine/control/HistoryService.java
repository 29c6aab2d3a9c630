package dev.tallyman.engine.control;

import dev.tallyman.build.BuildRecords;
import dev.tallyman.build.BuildRecords.BuildRecord;
import dev.tallyman.build.BuildRecords.Outcome;
import dev.tallyman.engine.grpc.GrpcService;
import dev.tallyman.engine.grpc.GrpcTable;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Asker;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** The history of builds by BuildKit's API, made of the records of the team's builds, by whatever way in they came. */
@Singleton
class HistoryService implements GrpcService {
  private static final String CONTROL = "/moby.buildkit.v1.Control/";
  private static final int MOST = 1_000;
  /** How often somebody who follows a build is told what is new. */
  private static final long PAUSE_NANOS = 400_000_000L;
  /** Builds that one account follows at the same time. */
  private static final int MOST_FOLLOWED = 16;
  /** Clients reckon with it how long something runs already. */
  private static final String TIME = "buildkit-current-timestamp";

  private final BuildRecords records;
  private final Map<Asker, Integer> followers = new ConcurrentHashMap<>();

  @Inject
  HistoryService(BuildRecords records) {
    this.records = records;
  }

  @Override
  public void register(GrpcTable table) {
    table.add(CONTROL + "ListenBuildHistory", this::list);
    table.add(CONTROL + "UpdateBuildHistory", this::update);
  }

  private void list(Invocation call, ProtoReader request) throws IOException {
    boolean isActiveOnly = false;
    boolean endsEarly = false;
    String ref = "";
    long limit = 0;
    List<String> filters = new ArrayList<>();
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> isActiveOnly = request.number() != 0;
        case 2 -> ref = request.text();
        case 3 -> endsEarly = request.number() != 0;
        case 4 -> filters.add(request.text());
        case 5 -> limit = request.number();
        default -> throw Messages.unsupported("field " + field + " of a request for the history of builds is");
      }
    }
    if (!endsEarly) {
      throw Messages.unsupported("following the history of builds is");
    }
    if (limit < 0) {
      throw Messages.invalid("invalid limit " + limit);
    }
    Instant now = Instant.now();
    Predicate<BuildRecord> wanted = HistoryFilter.of(filters, now);
    if (isActiveOnly) {
      wanted = wanted.and(each -> each.outcome() == Outcome.RUNNING);
    }
    List<BuildRecord> found = ref.isEmpty() ? records.list(call.caller(), MOST) : records.outline(call.caller(), ref).stream().toList();
    call.header(TIME, now.toString());
    for (BuildRecord each : found.stream().filter(wanted).limit(limit == 0 ? MOST : limit).toList()) {
      call.send(HistoryMessages.event(each.outcome() == Outcome.DONE ? each : whole(call, each)));
    }
  }

  /** With its stages, unless it is gone by now. */
  private BuildRecord whole(Invocation call, BuildRecord build) {
    return records.outline(call.caller(), build.id()).orElse(build);
  }

  private void update(Invocation call, ProtoReader request) throws IOException {
    String ref = "";
    boolean isDeleted = false;
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> ref = request.text();
        case 2 -> {
          if (request.number() != 0) {
            throw Messages.unsupported("keeping one build for ever is");
          }
        }
        case 3 -> isDeleted = request.number() != 0;
        // Nothing of a record is made later than the record itself.
        case 4 -> request.skip();
        default -> throw Messages.unsupported("field " + field + " of a change to the history of builds is");
      }
    }
    BuildRecord build = records.outline(call.caller(), ref).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "there is no build in the history"));
    if (isDeleted) {
      records.remove(call.caller(), build.id());
    }
    call.send(new ProtoWriter());
  }

  /** Tells how a build went, or goes until it ends. It is the team's, by whatever way in it came. @return false: there is none of that name */
  boolean tell(Invocation call, String ref) throws IOException {
    BuildRecord build = records.named(call.caller(), ref).orElse(null);
    if (build == null) {
      return false;
    }
    HistoryTail tail = new HistoryTail();
    if (build.outcome() == Outcome.RUNNING) {
      follow(call, build.id(), tail);
    } else {
      send(call, tail, build);
    }
    return true;
  }

  private void follow(Invocation call, String id, HistoryTail tail) throws IOException {
    Asker asker = call.caller().asker();
    if (followers.merge(asker, 1, Integer::sum) > MOST_FOLLOWED) {
      leave(asker);
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot follow the build: this account follows " + MOST_FOLLOWED + " already; end one of them");
    }
    try {
      long seen = BuildRecords.ENDED;
      do {
        long changes = records.changes(call.caller(), id);
        if (changes == BuildRecords.ENDED || changes != seen) {
          // The record of one that ran may be gone with its team.
          BuildRecord build = records.named(call.caller(), id).orElse(null);
          if (build == null) {
            return;
          }
          send(call, tail, build);
          if (build.outcome() != Outcome.RUNNING) {
            return;
          }
          seen = changes;
        }
      } while (call.window().sleep(PAUSE_NANOS));
    } finally {
      leave(asker);
    }
  }

  private void leave(Asker asker) {
    followers.computeIfPresent(asker, (each, count) -> count == 1 ? null : count - 1);
  }

  private static void send(Invocation call, HistoryTail tail, BuildRecord build) throws IOException {
    for (ProtoWriter each : tail.next(build)) {
      call.send(each);
    }
  }
}
