package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectLoader;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.RevCommit;
import org.jspecify.annotations.Nullable;

/**
 * The files of a commit. They are read from git's objects as they are: no filter, attribute or hook of the repository changes anything, and no link is
 * followed. Closing it gives the disk back.
 */
public final class GitTree implements AutoCloseable {
  static final int DEEPEST = 256;
  /** As Linux has it. One is remembered for each directory that is open. */
  static final int LONGEST_PATH = 4096;
  private static final int LONGEST_LINK = 4096;

  private final GitAddress address;
  private final SpoolRepository repository;
  private final RevCommit commit;
  private final ObjectId root;
  private final @Nullable Ref ref;
  private final Outing outing;
  private final Map<String, GitTree> modules = new HashMap<>();
  private Runnable atEnd = () -> {};

  /** @param outing also the time for writing it */
  GitTree(GitAddress address, SpoolRepository repository, RevCommit commit, ObjectId root, @Nullable Ref ref, Outing outing) {
    this.address = address;
    this.repository = repository;
    this.commit = commit;
    this.root = root;
    this.ref = ref;
    this.outing = outing;
  }

  /** Its 40 digits. */
  public String commit() {
    return commit.name();
  }

  /** As they came, with those of its submodules. */
  public long packedBytes() {
    return repository.packedBytes() + modules.values().stream().mapToLong(GitTree::packedBytes).sum();
  }

  List<Submodules.Module> submodules() throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      return new Submodules(address, reader, directories()).find(commit.getTree(), root);
    }
  }

  private Directories directories() {
    return new Directories(address.toString(), outing);
  }

  /** @param end runs once, when this is closed */
  void atEnd(Runnable end) {
    atEnd = end;
  }

  /** @param module what belongs at the path; closed with this */
  void put(String path, GitTree module) {
    modules.put(path, module);
  }

  /**
   * As a tar: owned by root, as old as the commit.
   *
   * @param keepsGitDir with a folder .git beside the files; that of submodules is left out
   * @throws TallymanException INVALID for what is damaged, EXHAUSTED for what takes too much memory, CONFLICT when nobody waits any more, UNAVAILABLE when the
   *     time for it is over
   */
  public void write(OutputStream out, boolean keepsGitDir) {
    try (GitFolder folder = keepsGitDir ? new GitFolder(repository.spool()) : null) {
      GitTar tar = new GitTar(outing.over(out, address.toString()));
      write(tar, directories(), "", 0, folder);
      if (folder != null) {
        folder.write(tar, repository, address, commit, ref);
      }
      tar.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(GitTar tar, Directories directories, String prefix, int depth, @Nullable GitFolder folder) throws IOException {
    try (ObjectReader reader = repository.newObjectReader()) {
      new Walk(tar, directories, reader, prefix.length(), folder).write(root, prefix, depth);
    }
  }

  /** @param own where of a path that of this commit begins */
  private final class Walk {
    private final GitTar tar;
    private final Directories directories;
    private final ObjectReader reader;
    private final int own;
    private final @Nullable GitFolder folder;

    Walk(GitTar tar, Directories directories, ObjectReader reader, int own, @Nullable GitFolder folder) {
      this.tar = tar;
      this.directories = directories;
      this.reader = reader;
      this.own = own;
      this.folder = folder;
    }

    void write(ObjectId tree, String prefix, int depth) throws IOException {
      if (depth > DEEPEST) {
        throw refused("its directories are deeper than " + DEEPEST);
      }
      directories.each(reader, tree, entry -> {
        String name = name(entry);
        if (prefix.length() + name.length() > LONGEST_PATH) {
          throw refused("it has a path of more than " + LONGEST_PATH + " characters");
        }
        String path = prefix + name;
        if (folder != null && !entry.mode().equals(FileMode.TREE)) {
          folder.add(path, entry.mode(), entry.id());
        }
        write(path, entry.mode(), entry.id(), depth);
      });
    }

    private void write(String path, FileMode mode, ObjectId id, int depth) throws IOException {
      long time = commit.getCommitTime();
      if (mode.equals(FileMode.TREE)) {
        tar.directory(path, time);
        write(id, path + "/", depth + 1);
      } else if (mode.equals(FileMode.GITLINK)) {
        tar.directory(path, time);
        module(path.substring(own)).write(tar, directories, path + "/", depth + 1, null);
      } else if (mode.equals(FileMode.SYMLINK)) {
        tar.link(path, link(reader, id, path), time);
      } else if (mode.equals(FileMode.REGULAR_FILE) || mode.equals(FileMode.EXECUTABLE_FILE)) {
        ObjectLoader file = reader.open(id, Constants.OBJ_BLOB);
        tar.file(path, mode.equals(FileMode.EXECUTABLE_FILE) ? 0755 : 0644, file.getSize(), time, file::copyTo);
      } else {
        throw refused("'" + path + "' is neither a file nor a directory nor a link");
      }
    }
  }

  private GitTree module(String path) {
    GitTree module = modules.get(path);
    if (module == null) {
      throw refused("the submodule " + path + " was not fetched");
    }
    return module;
  }

  private String name(Directories.Entry entry) {
    String name = text(entry.name());
    if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf('/') >= 0 || name.indexOf('\0') >= 0 || name.equalsIgnoreCase(Constants.DOT_GIT)) {
      throw refused("it has something named '" + name + "'");
    }
    return name;
  }

  private String link(ObjectReader reader, ObjectId id, String path) throws IOException {
    ObjectLoader content = reader.open(id, Constants.OBJ_BLOB);
    if (content.getSize() == 0 || content.getSize() > LONGEST_LINK) {
      throw refused("the link '" + path + "' leads nowhere");
    }
    String target = text(content.getBytes(LONGEST_LINK));
    if (target.indexOf('\0') >= 0) {
      throw refused("the link '" + path + "' leads nowhere");
    }
    return target;
  }

  private String text(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw refused("it has a name that is not UTF-8");
    }
  }

  private TallymanException refused(String why) {
    return new TallymanException(ErrorKind.INVALID, "failed to fetch " + address + ": " + why);
  }

  @Override
  public void close() {
    Runnable end = atEnd;
    atEnd = () -> {};
    try {
      modules.values().forEach(GitTree::close);
      repository.close();
    } finally {
      end.run();
    }
  }
}
