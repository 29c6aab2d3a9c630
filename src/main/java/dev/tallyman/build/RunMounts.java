package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.NamedContexts.Taken;
import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.HereDoc;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.build.dockerfile.RunMount.Sharing;
import dev.tallyman.build.dockerfile.RunMount.Type;
import dev.tallyman.container.Loan;
import dev.tallyman.image.Images.Image;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.Mount;
import dev.tallyman.kernel.Sandboxes.FileRow;
import dev.tallyman.kernel.SecretFile;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** What one RUN has mounted: found before the cache of steps is asked, made before its command begins, given back at its end. */
final class RunMounts implements AutoCloseable {
  /** Where a here-document is a program of its own. */
  static final String SCRIPTS = "/run/heredoc";

  private static final int MOST = 32;
  private static final int DEFAULT_CACHE_MODE = 0755;

  private final StageBuild stage;
  private final Build build;
  private final List<Wish> wishes = new ArrayList<>();
  private final List<String> caches = new ArrayList<>();
  private final List<String> own = new ArrayList<>();
  private final AgentSockets agents;
  private final @Nullable HereDoc script;
  private @Nullable MountPlaces places;

  /** @param source of a bind, or of a cache that is new; @param target absolute and clean */
  private record Wish(RunMount mount, String target, @Nullable Source source) {}

  /** Files from the context, or from an image. @param content tells them apart from any others; @param path in the image */
  private record Source(String content, @Nullable Found found, @Nullable StepResult result, String path) {
    /** What tells it apart for the key of a step, besides the image. */
    String told() {
      return result == null ? content : "of an image: " + path;
    }
  }

  RunMounts(StageBuild stage, List<RunMount> mounts, @Nullable HereDoc script) {
    this.script = script;
    this.stage = stage;
    this.build = stage.build;
    this.agents = new AgentSockets(build.request.secrets().agents(), build.parts.sandboxes, build.parts.threads);
    if (mounts.size() > MOST) {
      throw new Refused("a RUN may have " + MOST + " mounts");
    }
    Set<String> targets = new HashSet<>();
    for (RunMount mount : mounts) {
      Wish wish = wish(mount);
      if (!wish.target().isEmpty() && !targets.add(wish.target())) {
        throw new Refused("Duplicate mount point: " + wish.target());
      }
      wishes.add(wish);
    }
  }

  private Wish wish(RunMount mount) {
    if (mount.type() == Type.SSH) {
      int number = (int) wishes.stream().filter(each -> each.mount().type() == Type.SSH).count();
      return new Wish(mount, stage.draft().absolute(AgentSockets.target(mount, number)), null);
    }
    if (mount.type() == Type.SECRET) {
      return new Wish(mount, RunSecrets.target(mount), null);
    }
    if (mount.target().isEmpty()) {
      throw new Refused("a mount of type " + name(mount) + " needs a target");
    }
    String target = stage.draft().absolute(mount.target());
    if (target.equals("/")) {
      throw new Refused("cannot mount at " + mount.target() + ": it is the root of the container's files");
    }
    boolean hasSource = mount.type() == Type.BIND || (mount.type() == Type.CACHE && !mount.from().isEmpty());
    if (!hasSource && (!mount.source().isEmpty() || !mount.from().isEmpty())) {
      throw new Refused("a mount of type " + name(mount) + (mount.type() == Type.CACHE ? " has a source only along with from" : " has no source and no from"));
    }
    if (hasSource && (mount.mode() != null || mount.uid() != null || mount.gid() != null)) {
      throw new Refused("a cache that begins with files of " + mount.from() + " has their mode and owner: leave out mode, uid and gid");
    }
    return new Wish(mount, target, hasSource ? source(mount) : null);
  }

  private static String name(RunMount mount) {
    return mount.type().name().toLowerCase(Locale.ROOT);
  }

  private Source source(RunMount mount) {
    Taken from = mount.from().isEmpty() ? new Taken(null, build.context) : build.base(mount.from(), "", stage);
    if (from.files() != null) {
      Node node = from.files().tree().find(CopySources.clean(mount.source()));
      if (node == null) {
        throw new Refused("cannot mount " + mount.source() + ": it is not in the build context" + (mount.from().isEmpty() ? "" : " " + mount.from()) + ", or excluded by .dockerignore");
      }
      Found found = new Found("file", node, from.files());
      MessageDigest sum = Context.sha256();
      CopySources.digest(List.of(found), sum);
      return new Source(HexFormat.of().formatHex(sum.digest()), found, null, "");
    }
    StepResult result = from.result();
    if (result == null || result.image().layers().isEmpty()) {
      throw new Refused("cannot mount from " + mount.from() + ": there are no files in it");
    }
    String path = "/" + CopySources.clean(mount.source());
    return new Source(result.image().id() + path, null, result, path);
  }

  /** Text and content of all, for the key of the step, which has {@link #images} beside it. Values of secrets are no part of it. */
  String key() {
    StringBuilder key = new StringBuilder();
    wishes.forEach(each -> key.append(each.mount()).append('\0').append(each.source() == null ? "" : each.source().told()).append('\0'));
    return key + (script == null ? "" : script.text());
  }

  /** Those whose files are mounted, in the order of {@link #key}. */
  List<StepResult> images() {
    return wishes.stream().map(Wish::source).filter(Objects::nonNull).map(Source::result).filter(Objects::nonNull).toList();
  }

  /** Makes them. @param layers of the container */
  Loan lend(String container, List<String> layers, String command) {
    if (wishes.isEmpty() && script == null) {
      return Loan.nothing();
    }
    MountPlaces at = new MountPlaces(build.parts.sandboxes, build.parts.threads, container, layers);
    places = at;
    List<Mount> mounts = new ArrayList<>();
    List<String> tmpfs = new ArrayList<>();
    RunSecrets secrets = new RunSecrets(build.request.secrets());
    // Always in the same order, so that two commands never wait for each other.
    wishes.stream().filter(each -> each.mount().type() == Type.CACHE).sorted(Comparator.comparing(this::cacheKey)).forEach(each -> mounts.add(cache(each, command)));
    for (Wish each : wishes) {
      switch (each.mount().type()) {
        case BIND -> mounts.add(bind(each));
        case TMPFS -> tmpfs.add(each.target() + ":exec" + (each.mount().sizeBytes() > 0 ? ",size=" + each.mount().sizeBytes() : "") + (each.mount().isReadOnly() ? ",ro" : ""));
        case SECRET -> secrets.add(each.mount(), each.target());
        case SSH -> {
          Mount socket = agents.open(each.mount(), each.target());
          if (socket != null) {
            mounts.add(socket);
            at.note(each.target());
          }
        }
        case CACHE -> { }
      }
    }
    wishes.stream().filter(each -> each.mount().type() != Type.SECRET && each.mount().type() != Type.SSH).map(Wish::target).forEach(at::note);
    if (script != null) {
      String text = script.text();
      String name = script.name();
      mounts.add(Mount.ofVolume(build.folders.shared(name + "\0" + text, () -> program(name, text)), "", SCRIPTS, true));
      at.note(SCRIPTS);
    }
    List<SecretFile> files = secrets.files();
    if (!files.isEmpty()) {
      at.note(RunSecrets.DIRECTORY);
    }
    at.link(secrets.links());
    List<String> env = new ArrayList<>(agents.env());
    env.addAll(secrets.env());
    return new Loan(mounts, tmpfs, env, files);
  }

  private String cacheId(Wish wish) {
    return wish.mount().id().isEmpty() ? wish.target() : wish.mount().id();
  }

  private String cacheKey(Wish wish) {
    MessageDigest sum = Context.sha256();
    String content = wish.source() == null ? "" : wish.source().content();
    String space = build.request.arguments().getOrDefault("BUILDKIT_CACHE_MOUNT_NS", "");
    sum.update((space + "\0" + cacheId(wish) + "\0" + content).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(sum.digest());
  }

  private Mount cache(Wish wish, String command) {
    RunMount mount = wish.mount();
    Sharing sharing = mount.sharing() == null ? Sharing.SHARED : mount.sharing();
    String named = mount.id().isEmpty() ? "" : " with id \"" + mount.id() + "\"";
    String id =
        build.parts.caches.take(
            build.caller.team(), cacheKey(wish), sharing, "cached mount " + wish.target() + " from exec " + command + named, build.cancellation, folder -> fill(folder, wish));
    caches.add(id);
    return Mount.ofVolume(id, "", wish.target(), mount.isReadOnly());
  }

  private void fill(String folder, Wish wish) {
    RunMount mount = wish.mount();
    Source source = wish.source();
    if (source == null) {
      CopyTar tar = new CopyTar(new CopyTar.Look(null, true, 0, 0));
      tar.addRoot(mount.mode() == null ? DEFAULT_CACHE_MODE : mount.mode(), mount.uid() == null ? 0 : mount.uid(), mount.gid() == null ? 0 : mount.gid());
      try (FilePipe pipe = FilePipe.open(build.parts.threads, tar::write)) {
        build.parts.folders.fill(folder, pipe);
      }
      return;
    }
    ofImage(source, (row, tar) -> {
      if (!row.isDirectory()) {
        throw new Refused("a cache begins with the files of a directory: " + source.path() + " is none");
      }
      build.parts.folders.fill(folder, tar.get());
      return folder;
    });
  }

  private Mount bind(Wish wish) {
    Source source = wish.source();
    if (source == null) {
      throw new IllegalStateException("a bind has a source");
    }
    if (source.found() != null) {
      Found found = source.found();
      String folder = folder(wish, source.content(), () -> archive(found));
      return Mount.ofVolume(folder, found.node().isDirectory() ? "" : found.name(), wish.target(), wish.mount().isReadOnly());
    }
    return ofImage(source, (row, tar) -> {
      String folder = folder(wish, source.content(), tar);
      return Mount.ofVolume(folder, row.isDirectory() ? "" : row.name(), wish.target(), wish.mount().isReadOnly());
    });
  }

  /** Nobody else sees what is written, and nobody later. */
  private String folder(Wish wish, String content, Supplier<InputStream> tar) {
    if (wish.mount().isReadOnly()) {
      return build.folders.shared(content, tar);
    }
    String folder = build.folders.own(tar);
    own.add(folder);
    return folder;
  }

  private InputStream archive(Found found) {
    CopyTar tar = new CopyTar(new CopyTar.Look(null, false, 0, 0));
    if (found.node().isDirectory()) {
      tar.addRoot(found.node().mode, 0, 0);
      tar.addChildren("", found.node(), found.from());
    } else {
      tar.add(found.name(), found.node(), found.from());
    }
    return FilePipe.open(build.parts.threads, tar::write);
  }

  private static InputStream program(String name, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream archive = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      TarArchiveEntry header = new TarArchiveEntry(name, true);
      header.setSize(bytes.length);
      header.setMode(0755);
      header.setUserId(0);
      header.setGroupId(0);
      tar.putArchiveEntry(header);
      tar.write(bytes);
      tar.closeArchiveEntry();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new ByteArrayInputStream(archive.toByteArray());
  }

  private interface Use<T> {
    T of(FileRow row, Supplier<InputStream> tar);
  }

  private <T> T ofImage(Source source, Use<T> use) {
    Image image = StepResult.image(source.result());
    if (image == null) {
      throw new IllegalStateException("the source is an image");
    }
    try (Bench bench = build.bench(image)) {
      FileRow row = bench.look(source.path());
      if (row == null) {
        throw new Refused("cannot mount " + source.path() + ": it does not exist there");
      }
      String path = bench.target(source.path());
      FileRow named = new FileRow(path.substring(path.lastIndexOf('/') + 1), row.size(), row.mode(), row.modifiedAt(), row.uid(), row.gid(), "");
      return use.of(named, () -> bench.get(row.isDirectory() ? (path.equals("/") ? "/." : path + "/.") : path));
    }
  }

  /** The layer without what was made for the mounts. @param changes closed with the answer */
  InputStream layer(FilePipe changes) {
    MountPlaces made = places;
    if (made == null) {
      return stage.timed(changes);
    }
    LayerFilter filter = new LayerFilter(made::fate, build.latestSeconds);
    return FilePipe.open(build.parts.threads, out -> filter.copyUnchecked(changes, out));
  }

  /** After the container is gone. */
  @Override
  public void close() {
    agents.close();
    caches.forEach(build.parts.caches::release);
    caches.clear();
    own.forEach(build.folders::remove);
    own.clear();
  }
}
