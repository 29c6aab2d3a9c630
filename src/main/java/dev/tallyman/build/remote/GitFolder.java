package dev.tallyman.build.remote;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.stream.Collectors;
import org.eclipse.jgit.lib.AnyObjectId;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.FileMode;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.revwalk.RevCommit;
import org.jspecify.annotations.Nullable;

/**
 * The folder {@code .git} that a checkout of a commit would have: made here, of the packs and of nothing else that the server said. Its address has no
 * credentials.
 */
final class GitFolder implements AutoCloseable {
  private static final int INDEX_VERSION = 2;
  private static final int LONGEST_COUNTED = 0xfff;
  private static final int ENTRY_BYTES = 62;
  private static final int COUNT_AT = 8;

  private final FileChannel index;
  private final DataOutputStream entries;
  private int count;

  GitFolder(Spool spool) throws IOException {
    index = spool.file();
    entries = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(index)));
    entries.writeBytes("DIRC");
    entries.writeInt(INDEX_VERSION);
    entries.writeInt(0);
  }

  /** One file of the checkout, in the order of git's trees. What the file system says of it is left open, so that git looks for itself. */
  void add(String path, FileMode mode, AnyObjectId content) throws IOException {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    for (int unknown = 0; unknown < 6; unknown++) {
      entries.writeInt(0);
    }
    entries.writeInt(mode.getBits());
    for (int unknown = 0; unknown < 3; unknown++) {
      entries.writeInt(0);
    }
    content.copyRawTo(entries);
    entries.writeShort(Math.min(name.length, LONGEST_COUNTED));
    entries.write(name);
    entries.write(new byte[8 - (ENTRY_BYTES + name.length) % 8]);
    count++;
  }

  /** @param ref by which the commit was asked for; absent: by its digits */
  void write(GitTar tar, SpoolRepository repository, GitAddress address, RevCommit commit, @Nullable Ref ref) throws IOException {
    long time = commit.getCommitTime();
    tar.directory(".git", time);
    for (String each : new String[] {"objects", "objects/info", "objects/pack", "refs", "refs/heads", "refs/tags"}) {
      tar.directory(".git/" + each, time);
    }
    tar.text(".git/HEAD", commit.name() + "\n", time);
    tar.text(
        ".git/config",
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n[remote \"origin\"]\n\turl = \"" + address.url() + "\"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n", time);
    if (ref != null) {
      ref(tar, ref, time);
    }
    String shallow = repository.getObjectDatabase().getShallowCommits().stream().map(ObjectId::name).sorted().map(each -> each + "\n").collect(Collectors.joining());
    if (!shallow.isEmpty()) {
      tar.text(".git/shallow", shallow, time);
    }
    repository.copyPacks(tar, ".git/objects/pack/", time);
    finishIndex();
    tar.file(".git/index", 0644, index.size(), time, out -> Channels.newInputStream(index.position(0)).transferTo(out));
  }

  private static void ref(GitTar tar, Ref ref, long time) throws IOException {
    String name = ref.getName();
    String text = ref.getObjectId().name() + "\n";
    if (name.startsWith(Constants.R_TAGS)) {
      tar.text(".git/" + name, text, time);
    } else if (name.startsWith(Constants.R_HEADS)) {
      tar.text(".git/refs/remotes/origin/" + name.substring(Constants.R_HEADS.length()), text, time);
    }
  }

  private void finishIndex() throws IOException {
    entries.flush();
    index.write(ByteBuffer.allocate(4).putInt(count).flip(), COUNT_AT);
    MessageDigest sum = Constants.newMessageDigest();
    ByteBuffer block = ByteBuffer.allocate(1 << 16);
    long at = 0;
    while (index.read(block.clear(), at) > 0) {
      at += block.position();
      sum.update(block.flip());
    }
    index.write(ByteBuffer.wrap(sum.digest()), at);
  }

  @Override
  public void close() throws IOException {
    index.close();
  }
}
