package dev.tallyman.build;

import dev.tallyman.build.ContextTree.Node;
import dev.tallyman.build.CopySources.Found;
import dev.tallyman.build.NamedContexts.Taken;
import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.StepResult.Inputs;
import dev.tallyman.build.dockerfile.FileSources;
import dev.tallyman.build.dockerfile.HereDoc;
import dev.tallyman.build.dockerfile.Instruction;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.Compression;
import dev.tallyman.image.ImageSteps;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.TarReader;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.Sandboxes.FileRow;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/** COPY, ADD, and the directory of WORKDIR. */
final class FileStep {
  private static final Pattern IDS = Pattern.compile("(\\d{1,9})(?::(\\d{1,9}))?");

  private final StageBuild stage;
  private final Build build;

  FileStep(StageBuild stage) {
    this.stage = stage;
    this.build = stage.build;
  }

  /** What is asked for, of either instruction. @param add absent for COPY; @param keepsOwner without --chown: files from images keep theirs */
  private record Wish(String word, FileSources sources, String chown, String chmod, Instruction.@Nullable Add add, boolean keepsOwner, boolean keepsParents) {
    /** Archives of the context are unpacked unless told otherwise, those from elsewhere if told so. */
    boolean unpacks(Found found) {
      return add != null && found.node().isFile() && (add.unpacks() == null ? !found.isRemote() : add.unpacks());
    }
  }

  void copy(Instruction.Copy copy) {
    FileSelection selection = FileSelection.without(copy.excludes());
    List<String> paths = copy.sources().paths();
    if (paths.stream().anyMatch(RemoteUrl::is)) {
      throw new Refused("source can't be a URL for COPY");
    }
    Taken from = copy.from().isEmpty() ? new Taken(null, build.context) : build.base(copy.from(), "", stage);
    Context files = from.files();
    Wish wish = new Wish("COPY", copy.sources(), copy.chown(), copy.chmod(), null, files == null, copy.keepsParents());
    if (files != null) {
      put(wish, copy.keepsParents() ? CopySources.findParents(files, paths, selection) : CopySources.find(files, paths, selection), null);
      return;
    }
    StepResult result = from.result();
    if (result == null) {
      throw new Refused("COPY --from=" + copy.from() + ": there are no files in it");
    }
    Inputs source = source(result, copy);
    if (stage.reuse(text(wish), source)) {
      return;
    }
    List<Context> open = new ArrayList<>();
    try (Bench bench = build.bench(result.image())) {
      ImageSources sources = new ImageSources(bench, build.parts.intake, selection, open);
      put(wish, copy.keepsParents() ? sources.findParents(paths) : sources.find(paths), source);
    } finally {
      open.forEach(Context::close);
    }
  }

  /** All files of a context, with which a stage begins. */
  void takeAll(Context files) {
    Wish wish = new Wish("COPY", new FileSources(List.of("/"), List.of(), "/"), "", "", null, false, false);
    put(wish, List.of(new Found("", files.tree().root(), files)), null);
  }

  /** The files of an image never change, so that it and the paths tell what is copied. */
  private static Inputs source(StepResult from, Instruction.Copy copy) {
    List<String> parts = new ArrayList<>(List.of("from", Integer.toString(copy.excludes().size())));
    parts.addAll(copy.excludes());
    parts.addAll(copy.sources().paths());
    copy.sources().files().forEach(each -> parts.add("<<" + each.text()));
    return new Inputs(String.join("\0", parts), List.of(from));
  }

  void add(Instruction.Add add) {
    List<Context> open = new ArrayList<>();
    try {
      put(new Wish("ADD", add.sources(), add.chown(), add.chmod(), add, false, false), new AddSources(build, open).find(add), null);
    } finally {
      open.forEach(Context::close);
    }
  }

  /** @param source of which the files follow; absent: they are known by their content alone */
  private void put(Wish wish, List<Found> found, @Nullable Inputs source) {
    List<Context> open = new ArrayList<>();
    try {
      List<Found> all = new ArrayList<>(found);
      wish.sources().files().forEach(each -> all.add(inline(each, open)));
      boolean isSeveral = all.size() > 1 && !wish.keepsParents() || wish.sources().paths().size() + wish.sources().files().size() > 1;
      String target = wish.sources().target();
      if (isSeveral && !target.endsWith("/") && !target.equals(".") && !target.endsWith("/.")) {
        throw new Refused("When using " + wish.word() + " with more than one source file, the destination must be a directory and end with a /");
      }
      MessageDigest sum = Context.sha256();
      CopySources.digest(all, sum);
      stage.commit(text(wish), Inputs.of(hidden(wish) + HexFormat.of().formatHex(sum.digest())), source, () -> files(wish, all, open));
    } finally {
      open.forEach(Context::close);
    }
  }

  private static String text(Wish wish) {
    return wish.word() + " " + flags(wish) + String.join(" ", names(wish)) + " " + wish.sources().target() + HistoryText.MARK;
  }

  private static String flags(Wish wish) {
    return (wish.keepsParents() ? "--parents " : "") + (wish.chown().isEmpty() ? "" : "--chown=" + wish.chown() + " ") + (wish.chmod().isEmpty() ? "" : "--chmod=" + wish.chmod() + " ");
  }

  /** Flags that the history does not have. */
  private static String hidden(Wish wish) {
    Instruction.Add add = wish.add();
    String unpack = add == null || add.unpacks() == null ? "" : "--unpack=" + add.unpacks() + " ";
    String keep = add == null || add.keepsGitDir() == null ? "" : "--keep-git-dir=" + add.keepsGitDir() + " ";
    String checksum = add == null || add.checksum().isEmpty() ? "" : "--checksum=" + add.checksum() + " ";
    return keep + unpack + checksum;
  }

  private static List<String> names(Wish wish) {
    List<String> paths = wish.sources().paths();
    List<String> names = new ArrayList<>(wish.add() == null ? paths : paths.stream().map(AddSources::shown).toList());
    wish.sources().files().forEach(each -> names.add("<<" + each.name()));
    return names;
  }

  /** A here-document is a file of the archive that is made of it. */
  private Found inline(HereDoc doc, List<Context> open) {
    byte[] bytes = doc.text().getBytes(StandardCharsets.UTF_8);
    try {
      ByteArrayOutputStream archive = new ByteArrayOutputStream();
      try (TarArchiveOutputStream tar = new TarArchiveOutputStream(archive)) {
        TarArchiveEntry header = new TarArchiveEntry("file");
        header.setSize(bytes.length);
        header.setMode(0644);
        tar.putArchiveEntry(header);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
      Context context = build.parts.intake.take(new ByteArrayInputStream(archive.toByteArray()), "the here-document");
      open.add(context);
      Node file = context.tree().find("file");
      if (file == null) {
        throw new IllegalStateException("the file was just written");
      }
      return new Found(doc.name(), file, context);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ImageSteps.@Nullable Files files(Wish wish, List<Found> found, List<Context> open) {
    Image image = stage.current();
    CopyTar tar = new CopyTar(look(wish), build.latestSeconds);
    boolean hasFiles = image != null && !image.layers().isEmpty();
    if (!hasFiles) {
      if (!wish.chown().isEmpty() && !IDS.matcher(wish.chown()).matches()) {
        throw new Refused("unable to find user " + wish.chown() + ": the stage has no files yet, use numbers");
      }
      plan(tar, wish, found, open, null);
      return tar.isEmpty() ? null : take(FilePipe.open(build.parts.threads, tar::write));
    }
    try (Bench bench = build.bench(image)) {
      plan(tar, wish, found, open, bench);
      if (tar.isEmpty()) {
        return null;
      }
      bench.put(tar, wish.chown());
      return take(stage.timed(bench.changes()));
    }
  }

  private ImageSteps.Files take(InputStream tar) {
    try (tar) {
      return build.parts.steps.take(build.caller, tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable FileMode mode(String chmod) {
    try {
      return chmod.isEmpty() ? null : FileMode.parse(chmod);
    } catch (IllegalArgumentException e) {
      throw new Refused(String.valueOf(e.getMessage()));
    }
  }

  private CopyTar.Look look(Wish wish) {
    FileMode mode = mode(wish.chmod());
    Matcher ids = IDS.matcher(wish.chown());
    boolean isNumbers = ids.matches();
    int uid = isNumbers ? Integer.parseInt(ids.group(1)) : 0;
    int gid = isNumbers && ids.group(2) != null ? Integer.parseInt(ids.group(2)) : uid;
    return new CopyTar.Look(mode, wish.chown().isEmpty() && wish.keepsOwner(), uid, isNumbers ? gid : 0);
  }

  private void plan(CopyTar tar, Wish wish, List<Found> found, List<Context> open, @Nullable Bench bench) {
    String target = wish.sources().target();
    String path = stage.draft().absolute(target);
    FileRow there = bench == null ? null : bench.look(path);
    boolean isDirectory = path.equals("/") || target.endsWith("/") || target.endsWith("/.") || target.equals(".") || there != null && there.isDirectory();
    String below = path.substring(1);
    addParents(tar, below, wish.chown(), bench);
    boolean isThere = path.equals("/") || there != null;
    if (found.isEmpty() && isDirectory) {
      isThere = makeTarget(tar, below, isThere);
    }
    for (Found each : found) {
      Context archive = wish.unpacks(each) ? archive(each) : null;
      if (archive != null) {
        open.add(archive);
        isThere = makeTarget(tar, below, isThere);
        tar.addUnpacked(below, archive.tree().root(), archive);
      } else if (each.node().isDirectory()) {
        if (each.name().isEmpty()) {
          isThere = makeTarget(tar, below, isThere);
        }
        if (!isThere) {
          tar.addDirectory(below, each.node().mtimeSeconds);
          isThere = true;
        }
        tar.addChildren(below, each.node(), each.from());
      } else if (isDirectory) {
        isThere = makeTarget(tar, below, isThere);
        tar.add(below.isEmpty() ? each.name() : below + "/" + each.name(), each.node(), each.from());
      } else {
        tar.add(below, each.node(), each.from());
      }
    }
  }

  private boolean makeTarget(CopyTar tar, String below, boolean isThere) {
    if (!isThere) {
      tar.addDirectory(below);
    }
    return true;
  }

  /** Directories above the target that are missing belong to the same owner. */
  private void addParents(CopyTar tar, String below, String owner, @Nullable Bench bench) {
    if (owner.isEmpty()) {
      return; // they are made as they are needed
    }
    for (int slash = below.indexOf('/'); slash > 0; slash = below.indexOf('/', slash + 1)) {
      String parent = below.substring(0, slash);
      if (bench == null || bench.look("/" + parent) == null) {
        tar.addDirectory(parent);
      }
    }
  }

  /** The archive that a file is; absent when it is none. */
  private @Nullable Context archive(Found found) {
    try {
      byte[] head = found.from().open(found.node()).readNBytes(Compression.SNIFFED_BYTES);
      boolean isArchive = TarReader.hasChecksum(head) || isPackedArchive(found, head);
      return isArchive ? build.parts.intake.take(found.from().open(found.node()), "the archive " + found.name()) : null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isPackedArchive(Found found, byte[] head) {
    try {
      Compression compression = Compression.of(head);
      if (compression == Compression.NONE) {
        return false;
      }
      try (InputStream unpacked = build.parts.intake.unpacked(found.from().open(found.node()), compression, found.name())) {
        return TarReader.hasChecksum(unpacked.readNBytes(Compression.SNIFFED_BYTES));
      }
    } catch (IOException | TallymanException e) {
      return false; // something else that begins alike
    }
  }

  /** The directory of WORKDIR, unless it is there. */
  void makeDirectory(String path, String owner, String text) {
    stage.commit(text, Inputs.of(""), null, () -> directoryFiles(path, owner));
  }

  private ImageSteps.@Nullable Files directoryFiles(String path, String owner) {
    Image image = stage.current();
    if (image == null || image.layers().isEmpty()) {
      CopyTar tar = new CopyTar(new CopyTar.Look(null, false, 0, 0), build.latestSeconds);
      addDirectories(tar, path, null);
      return tar.isEmpty() ? null : take(FilePipe.open(build.parts.threads, tar::write));
    }
    try (Bench bench = build.bench(image)) {
      CopyTar tar = new CopyTar(new CopyTar.Look(null, false, 0, 0), build.latestSeconds);
      if (bench.look(path) == null) {
        addDirectories(tar, path, bench);
      }
      if (tar.isEmpty()) {
        return null;
      }
      bench.put(tar, owner);
      return take(stage.timed(bench.changes()));
    }
  }

  private static void addDirectories(CopyTar tar, String path, @Nullable Bench bench) {
    for (int slash = path.indexOf('/', 1); ; slash = path.indexOf('/', slash + 1)) {
      String each = slash < 0 ? path : path.substring(0, slash);
      if (each.length() > 1 && (bench == null || bench.look(each) == null)) {
        tar.addDirectory(each.substring(1));
      }
      if (slash < 0) {
        return;
      }
    }
  }
}
