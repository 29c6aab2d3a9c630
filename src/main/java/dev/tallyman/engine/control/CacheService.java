package dev.tallyman.engine.control;

import dev.tallyman.build.Builds;
import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.CacheFilter;
import dev.tallyman.engine.grpc.GrpcService;
import dev.tallyman.engine.grpc.GrpcTable;
import dev.tallyman.engine.grpc.Invocation;
import dev.tallyman.engine.grpc.ProtoReader;
import dev.tallyman.engine.grpc.ProtoWriter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** The build cache by BuildKit's API: what is in it, and making room. */
@Singleton
class CacheService implements GrpcService {
  private static final String TYPE = "type==";

  private final Builds builds;

  @Inject
  CacheService(Builds builds) {
    this.builds = builds;
  }

  @Override
  public void register(GrpcTable table) {
    table.add("/moby.buildkit.v1.Control/DiskUsage", this::usage);
    table.add("/moby.buildkit.v1.Control/Prune", this::prune);
  }

  private void usage(Invocation call, ProtoReader request) throws IOException {
    String type = "";
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> type = type(request.text(), type);
        case 2 -> refuse(request, "a limit of age for the usage of the cache is");
        default -> throw Messages.unsupported("field " + field + " of a request for the usage of the cache is");
      }
    }
    ProtoWriter response = new ProtoWriter();
    for (CachedStep each : builds.cache(call.caller())) {
      if (type.isEmpty() || each.type().equals(type)) {
        response.message(1, record(each));
      }
    }
    call.send(response);
  }

  private void prune(Invocation call, ProtoReader request) throws IOException {
    String type = "";
    boolean isAll = false;
    long unusedNanos = 0;
    long keepBytes = 0;
    long mostBytes = 0;
    for (int field = request.next(); field != 0; field = request.next()) {
      switch (field) {
        case 1 -> type = type(request.text(), type);
        case 2 -> isAll = request.number() != 0;
        case 3 -> unusedNanos = request.number();
        case 4 -> keepBytes = request.number();
        case 5 -> mostBytes = request.number();
        case 6 -> refuse(request, "--min-free-space is");
        default -> throw Messages.unsupported("field " + field + " of a request to prune is");
      }
    }
    if (unusedNanos < 0 || keepBytes < 0 || mostBytes < 0) {
      throw Messages.invalid("durations and sizes of a request to prune cannot be negative");
    }
    List<CachedStep> before = builds.cache(call.caller());
    Instant usedBefore = unusedNanos == 0 ? Instant.now().plusSeconds(1) : Instant.now().minusNanos(unusedNanos);
    Set<String> gone = Set.copyOf(builds.prune(call.caller(), isAll, usedBefore, Math.max(keepBytes, mostBytes), type, CacheFilter.ALL).ids());
    for (CachedStep each : before) {
      if (gone.contains(each.id())) {
        call.send(record(each));
      }
    }
  }

  private static void refuse(ProtoReader request, String what) throws IOException {
    if (request.number() != 0) {
      throw Messages.unsupported(what);
    }
  }

  /** Filters in containerd's language, of which clients make this from {@code --filter type=…}. */
  private static String type(String filter, String before) {
    if (filter.isEmpty()) {
      return before;
    }
    String type = filter.startsWith(TYPE) ? filter.substring(TYPE.length()) : "";
    if (!before.isEmpty() || !type.matches("[a-z.]+")) {
      throw Messages.unsupported("the filter " + filter + " is");
    }
    return type;
  }

  private static ProtoWriter record(CachedStep step) {
    ProtoWriter record = new ProtoWriter().text(1, step.id()).number(3, step.isInUse() ? 1 : 0).number(4, step.bytes()).time(6, step.createdAt()).time(7, step.lastUsedAt());
    return record.number(8, step.uses()).text(9, step.description()).text(10, step.type()).number(11, step.isInUse() ? 1 : 0);
  }
}
