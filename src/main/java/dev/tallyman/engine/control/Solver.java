package dev.tallyman.engine.control;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.build.BuildException;
import dev.tallyman.build.BuildRequest;
import dev.tallyman.build.Builds;
import dev.tallyman.build.CacheUse;
import dev.tallyman.build.ClientFiles;
import dev.tallyman.build.NamedContext;
import dev.tallyman.build.dockerfile.DockerfileException;
import dev.tallyman.build.dockerfile.Position;
import dev.tallyman.distribution.ContentStore;
import dev.tallyman.engine.control.SolveWish.Export;
import dev.tallyman.engine.grpc.GrpcFailure;
import dev.tallyman.engine.grpc.GrpcStatus;
import dev.tallyman.engine.session.SessionStore;
import dev.tallyman.engine.session.Sessions;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ImageReference;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds what a client wants, with its files, and gives the image its names. */
@Singleton
class Solver {
  private static final String TAR = "tar";
  private static final String FOLDER = "local";
  /** Followed by what it is of, and its name. */
  private static final String ANNOTATION = "annotation";
  private static final Set<String> IMAGE_ATTRIBUTES = Set.of("name", "push", "load");

  private final Builds builds;
  private final Sessions sessions;
  private final AuditTrail audit;

  @Inject
  Solver(Builds builds, Sessions sessions, AuditTrail audit) {
    this.builds = builds;
    this.sessions = sessions;
    this.audit = audit;
  }

  /** @return facts of the result, as the exporter of images tells them */
  Map<String, String> build(Caller caller, SolveWish wish, Result wanted, Job job) {
    Frontend build = wanted.build;
    List<String> names = names(wish.export());
    List<CacheOption> imports = Stream.concat(build.imports().stream(), wish.caches().imports().stream()).toList();
    CacheOption.check(imports, wish.caches().exports());
    requireRight(caller, names);
    Sessions.Client client = sessions.client(caller, wish.session());
    Function<String, ContentStore> stores = id -> store(client, id, job);
    CacheUse caches = CacheOption.use(imports, wish.caches().exports(), stores);
    BuildRequest request = build.request().withId(wish.ref()).withNames(names).withLogin(client.logins()).with(client.secrets()).withContexts(contexts(caller, client, stores, wanted, job))
        .withCaches(caches);
    List<String> whole = names.stream().map(each -> ImageReference.parse(each).orLatest().toString()).toList();
    job.trace.names(whole);
    if (wish.export() != null && isFiles(wish.export())) {
      job.target(client.target(wish.export().type().equals(TAR)));
    }
    String id = run(caller, request, client, build, job);
    wanted.made(id);
    Map<String, String> result = new LinkedHashMap<>();
    if (wish.export() != null && !isFiles(wish.export())) {
      result.put("containerimage.digest", id);
      result.put("containerimage.config.digest", id);
      if (!names.isEmpty()) {
        result.put("image.name", String.join(",", whole));
      }
    }
    job.trace.cacheManifest().ifPresent(each -> result.put("cache.manifest", each));
    return result;
  }

  /** Before the session is waited for, which who may not build cannot have. */
  private void requireRight(Caller caller, List<String> names) {
    try {
      caller.require(Role.MEMBER, "build an image");
    } catch (TallymanException e) {
      audit.failed(caller, "image.build", names.isEmpty() ? "(no name)" : String.join(", ", names), e);
      throw e;
    }
  }

  private static boolean isFiles(Export export) {
    return export.type().equals(TAR) || export.type().equals(FOLDER);
  }

  private static List<String> names(@Nullable Export export) {
    if (export == null) {
      return List.of();
    }
    if (isFiles(export)) {
      export.attributes().keySet().forEach(each -> {
        throw Messages.unsupported("the attribute " + each + " of an output of files (--output) is");
      });
      return List.of();
    }
    boolean isMoby = export.type().equals("moby");
    if (!isMoby && !export.type().equals("image")) {
      throw Messages.unsupported("the output type=" + export.type() + " (--output) is");
    }
    for (Map.Entry<String, String> each : export.attributes().entrySet()) {
      // With the exporter "moby" it is the client who pushes, when the image is there.
      boolean isPush = each.getKey().equals("push") && !isMoby && Boolean.parseBoolean(each.getValue());
      if (each.getKey().startsWith(ANNOTATION)) {
        throw Messages.unsupported("the " + each.getKey() + " of a manifest (--annotation, instead of which --label tells of the image itself) is");
      }
      // Every image is among the engine's own, as Compose's own builder asks for.
      boolean isElsewhere = each.getKey().equals("load") && !Boolean.parseBoolean(each.getValue());
      if (!IMAGE_ATTRIBUTES.contains(each.getKey()) || isPush || isElsewhere) {
        throw Messages.unsupported("the attribute " + each.getKey() + " of an output (--output) is");
      }
    }
    return Arrays.stream(export.attributes().getOrDefault("name", "").split(",")).filter(each -> !each.isEmpty()).toList();
  }

  private static ContentStore store(Sessions.Client client, String id, Job job) {
    SessionStore store = client.store(id);
    job.whenCancelled(store::cancel);
    return store;
  }

  private static void closeQuietly(InputStream archive) {
    try {
      archive.close();
    } catch (IOException e) {
      // Nobody reads it any more.
    }
  }

  private Map<String, NamedContext> contexts(Caller caller, Sessions.Client client, Function<String, ContentStore> stores, Result wanted, Job job) {
    Map<String, String> images = wanted.images(job.cancellation);
    Map<String, String> others = wanted.build.sessions();
    Map<String, NamedContext> contexts = new LinkedHashMap<>();
    wanted.build.contexts().forEach(
        (name, each) -> contexts.put(name, each.context(folder -> others.containsKey(folder) ? sessions.client(caller, others.getOrDefault(folder, "")) : client, stores, images)));
    return contexts;
  }

  private ClientFiles files(Caller caller, Sessions.Client client, Frontend build) {
    Map<String, ClientFiles> others = new LinkedHashMap<>();
    build.sessions().forEach((folder, session) -> others.put(folder, sessions.client(caller, session).files()));
    return others.isEmpty() ? client.files() : new FolderFiles(client.files(), others);
  }

  private String run(Caller caller, BuildRequest request, Sessions.Client client, Frontend build, Job job) {
    try {
      if (!request.remote().isEmpty()) {
        return builds.build(caller, request, InputStream.nullInputStream(), job.trace, job.cancellation);
      }
      if (build.upload().isEmpty()) {
        return builds.build(caller, request, files(caller, client, build), job.trace, job.cancellation);
      }
      try (InputStream archive = client.upload(Frontend.UPLOAD_HOST, "/" + build.upload())) {
        job.whenCancelled(() -> closeQuietly(archive));
        return builds.build(caller, request, archive, job.trace, job.cancellation);
      }
    } catch (IOException e) {
      throw Messages.invalid("cannot read the build context: " + e.getMessage());
    } catch (BuildException e) {
      throw failed(job, e, e.reason(), e.located(), e.position());
    } catch (DockerfileException e) {
      String line = e.at() == null ? "" : "dockerfile parse error on line " + e.at().line() + ": ";
      throw failed(job, e, line + e.reason(), String.valueOf(e.getMessage()), e.at());
    } catch (TallymanException e) {
      job.trace.failed(String.valueOf(e.getMessage()));
      throw switch (e.kind()) {
        case INVALID, NOT_FOUND, ALREADY_EXISTS, CONFLICT -> new GrpcFailure(new GrpcStatus(GrpcStatus.UNKNOWN, String.valueOf(e.getMessage())), e);
        default -> e;
      };
    }
  }

  /** Clients draw the lines themselves if they get them; else the message must have them. */
  private static GrpcFailure failed(Job job, TallymanException cause, String reason, String located, @Nullable Position at) {
    job.trace.failed(reason);
    String text = job.trace.dockerfileText();
    if (at == null || text.isEmpty() || text.length() > JobTrace.LONGEST_SOURCE) {
      return new GrpcFailure(new GrpcStatus(GrpcStatus.UNKNOWN, located), cause);
    }
    return new GrpcFailure(new GrpcStatus(GrpcStatus.UNKNOWN, reason, SourceDetail.of(reason, job.trace.dockerfileName(), text, at)), cause);
  }
}
