package dev.tallyman.build;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.build.dockerfile.CheckFacts;
import dev.tallyman.build.dockerfile.Checks;
import dev.tallyman.build.dockerfile.Dockerfile;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images.Image;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

@ApplicationScoped
class BuildService implements Builds {
  private static final Set<String> PREDEFINED =
      Set.of("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy", RemoteContexts.KEEP_GIT_DIR,
          "BUILDKIT_INLINE_CACHE");

  private final BuildParts parts;
  private final BuildInputs inputs;
  private final BuildCache cache;
  private final BuildRecordService records;
  private final AuditTrail audit;
  private final Events events;
  private final Semaphore room;
  private final SecureRandom random = new SecureRandom();
  private final Map<Key, Cancellation> running = new HashMap<>();

  private record Key(long team, String id) {}

  @Inject
  BuildService(BuildParts parts, BuildInputs inputs, BuildCache cache, BuildRecordService records, AuditTrail audit, Events events, BuildLimits limits) {
    this.parts = parts;
    this.inputs = inputs;
    this.cache = cache;
    this.records = records;
    this.audit = audit;
    this.events = events;
    this.room = new Semaphore(limits.buildsMax());
  }

  @Override
  public String build(Caller caller, BuildRequest request, InputStream body, BuildOutput output, Cancellation cancellation) {
    return build(caller, request, request.remote().isEmpty() ? inputs.archive(body) : inputs.remote(caller.team()), output, cancellation);
  }

  @Override
  public String build(Caller caller, BuildRequest request, ClientFiles files, BuildOutput output, Cancellation cancellation) {
    return build(caller, request, inputs.client(caller, files), output, cancellation);
  }

  private String build(Caller caller, BuildRequest request, BuildInputs.Source source, BuildOutput output, Cancellation cancellation) {
    String object = request.names().isEmpty() ? "(no name)" : String.join(", ", request.names());
    Key key = new Key(caller.team(), request.id());
    try {
      caller.require(Role.MEMBER, "build an image");
      List<String> names = parts.steps.checkNames(request.names());
      if (!room.tryAcquire()) {
        throw new TallymanException(ErrorKind.EXHAUSTED, "cannot build: as many builds as are allowed run already; try again later");
      }
      register(key, cancellation);
      try {
        return recorded(caller, request, source, output, cancellation, names, object);
      } finally {
        unregister(key, cancellation);
        room.release();
      }
    } catch (RuntimeException e) {
      audit.failed(caller, "image.build", object, e);
      throw e;
    }
  }

  private String recorded(Caller caller, BuildRequest request, BuildInputs.Source source, BuildOutput output, Cancellation cancellation, List<String> names, String object) {
    BuildTrace trace = records.begin(caller, newId(), request);
    try (BuildInputs.Input input = source.open(request, output, cancellation)) {
      trace.read("sha256:" + sum(input.dockerfile()), "sha256:" + input.context().digest());
      return run(trace, request, input, output, cancellation, names, object);
    } catch (RuntimeException e) {
      records.failed(trace, cancellation.isCancelled(), e instanceof TallymanException ? String.valueOf(e.getMessage()) : "internal error");
      throw e;
    } finally {
      records.end(trace);
    }
  }

  private String run(BuildTrace trace, BuildRequest request, BuildInputs.Input input, BuildOutput output, Cancellation cancellation, List<String> names, String object) {
    Caller caller = trace.caller;
    output.dockerfile(request.dockerfile(), input.dockerfile());
    Dockerfile file = Dockerfile.parse(request.dockerfile(), input.dockerfile());
    Checks checks = Checks.of(file, new CheckFacts(request.arguments(), DockerfileChecks.PLATFORM, image -> null, input.ignore()));
    if (checks.refuses()) {
      throw new TallymanException(ErrorKind.INVALID, checks.refusal());
    }
    try (Build build = new Build(trace, request, file, input.context(), output, cancellation, parts)) {
      if (!input.origin().isEmpty()) {
        build.origins.add(input.origin());
      }
      Image image = build.run();
      if (image == null) {
        throw new TallymanException(ErrorKind.INVALID, "No image was generated. Is your Dockerfile empty?");
      }
      warn(build, checks);
      export(build, image);
      exportCaches(build, image);
      output.phase("exporting to image");
      String detail =
          image.id() + ", Dockerfile sha256:" + sum(input.dockerfile()) + ", context sha256:" + input.context().digest()
              + build.origins.stream().map(BuildService::shortened).collect(Collectors.joining(", ", build.origins.isEmpty() ? "" : ", from ", ""))
              + (trace.bases().isEmpty() ? "" : ", on " + String.join(" ", trace.bases()));
      parts.steps.name(
          caller, image.id(), names,
          () -> {
            build.used.forEach(parts.store::used);
            records.done(trace, image.id());
            audit.done(caller, "image.build", object, detail);
          });
      events.publish(new Event(caller, "builder", "build", image.id(), caller.team(), Map.of("name", object), Instant.now()));
      output.made(image.id());
      output.remark("Successfully built " + Build.shortId(image.id()));
      names.forEach(each -> output.remark("Successfully tagged " + each));
      return image.id();
    }
  }

  private static void export(Build build, Image image) {
    FileTarget target = build.output.target();
    if (target == null) {
      return;
    }
    build.output.phase("exporting to client");
    try (ImageFiles files = new ImageFiles(build, image)) {
      target.take(files);
    } catch (IOException | UncheckedIOException e) {
      build.cancellation.check();
      throw new TallymanException(ErrorKind.INVALID, "cannot give the files to the client: " + e.getMessage(), e);
    }
  }

  private static void exportCaches(Build build, Image image) {
    for (CacheUse.Export each : build.request.caches().exports()) {
      build.output.phase("exporting cache to " + each.target().name());
      try {
        build.parts.cacheImages.export(build, each, image);
      } catch (TallymanException e) {
        build.cancellation.check();
        if (!each.isOptional()) {
          throw e;
        }
        build.output.text("cannot export the build cache, which the build does without: " + e.getMessage() + "\n");
      }
    }
  }

  private static void warn(Build build, Checks checks) {
    checks.warnings().forEach(build.output::warning);
    Set<String> left = new TreeSet<>(build.request.arguments().keySet());
    left.removeAll(build.consumed);
    left.removeAll(PREDEFINED);
    if (!left.isEmpty()) {
      build.output.text("[Warning] One or more build-args " + new ArrayList<>(left) + " were not consumed\n");
    }
  }

  private static String sum(String text) {
    return HexFormat.of().formatHex(Context.sha256().digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private String newId() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private void register(Key key, Cancellation cancellation) {
    if (!key.id().isEmpty()) {
      synchronized (running) {
        running.put(key, cancellation);
      }
    }
  }

  private void unregister(Key key, Cancellation cancellation) {
    synchronized (running) {
      running.remove(key, cancellation);
    }
  }

  @Override
  public Recipe recipe(Caller caller, String dockerfile, ClientFiles files, BuildOutput output, Cancellation cancellation) {
    caller.require(Role.MEMBER, "check a Dockerfile of a session");
    if (!room.tryAcquire()) {
      throw new TallymanException(ErrorKind.EXHAUSTED, "cannot check: as many builds as are allowed run already; try again later");
    }
    try {
      return inputs.recipe(files, dockerfile, output, cancellation);
    } finally {
      room.release();
    }
  }

  @Override
  public void cancel(Caller caller, String id) {
    try {
      caller.require(Role.MEMBER, "cancel a build");
      Cancellation found;
      synchronized (running) {
        found = running.get(new Key(caller.team(), id));
      }
      if (found != null) {
        audit.done(caller, "image.build-cancel", id, "");
        found.cancel();
      }
    } catch (RuntimeException e) {
      audit.failed(caller, "image.build-cancel", id, e);
      throw e;
    }
  }

  @Override
  public List<CachedStep> cache(Caller caller) {
    caller.require(Role.VIEWER, "see the build cache");
    return cache.list(caller);
  }

  @Override
  public Pruned prune(Caller caller, boolean isAll, Instant usedBefore, long keepBytes, String type, CacheFilter filter) {
    try {
      caller.require(Role.MEMBER, "prune the build cache");
      Pruned pruned = cache.prune(caller, isAll, usedBefore, keepBytes, type, filter);
      events.publish(new Event(caller, "builder", "prune", "", caller.team(), Map.of("reclaimed", Long.toString(pruned.bytes())), Instant.now()));
      return pruned;
    } catch (RuntimeException e) {
      audit.failed(caller, "image.build-prune", "build cache", e);
      throw e;
    }
  }

  /** The address of a source and its digest, which is last: the trail has no room for addresses of any length. */
  private static String shortened(String origin) {
    int most = 300;
    return origin.length() <= most ? origin : origin.substring(0, most / 2) + "…" + origin.substring(origin.length() - most / 2);
  }
}
