package dev.tallyman.build.remote;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jgit.internal.storage.dfs.DfsObjDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsOutputStream;
import org.eclipse.jgit.internal.storage.dfs.DfsPackDescription;
import org.eclipse.jgit.internal.storage.dfs.DfsReaderOptions;
import org.eclipse.jgit.internal.storage.dfs.DfsReftableDatabase;
import org.eclipse.jgit.internal.storage.dfs.DfsRepository;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryBuilder;
import org.eclipse.jgit.internal.storage.dfs.DfsRepositoryDescription;
import org.eclipse.jgit.internal.storage.dfs.ReadableChannel;
import org.eclipse.jgit.internal.storage.pack.PackExt;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.RefDatabase;

/**
 * A repository of git as nothing but packs in files without names: there is no folder, no configuration, no hook and no work tree of it anywhere. Closing it
 * gives the disk back.
 */
final class SpoolRepository extends DfsRepository {
  private static final AtomicLong COUNT = new AtomicLong();
  /** Larger objects that are stored whole are never in memory at once. */
  private static final int STREAMED_BYTES = 1 << 20;

  private final Objects objects;
  private final RefDatabase refs;

  private static final class Builder extends DfsRepositoryBuilder<Builder, SpoolRepository> {
    @Override
    public SpoolRepository build() {
      throw new UnsupportedOperationException("it needs a place for its packs");
    }
  }

  /** @param limits of what is taken into it */
  SpoolRepository(Spool spool, BoundedPackParser.Limits limits) {
    super(new Builder().setRepositoryDescription(new DfsRepositoryDescription("source-" + COUNT.incrementAndGet())));
    objects = new Objects(this, spool, limits);
    refs = new DfsReftableDatabase(this) {};
  }

  @Override
  public DfsObjDatabase getObjectDatabase() {
    return objects;
  }

  @Override
  public RefDatabase getRefDatabase() {
    return refs;
  }

  @Override
  public void close() {
    super.close();
    objects.closeFiles();
  }

  Spool spool() {
    return objects.spool;
  }

  /** The packs with their indexes, as files of a folder of git. @param prefix of their paths */
  void copyPacks(GitTar tar, String prefix, long seconds) throws IOException {
    int number = 0;
    for (DfsPackDescription each : objects.listPacks()) {
      for (PackExt kind : new PackExt[] {PackExt.PACK, PackExt.INDEX}) {
        FileChannel file = ((Pack) each).file(kind);
        tar.file(prefix + "pack-" + number + "." + kind.getExtension(), 0444, file.size(), seconds, out -> Channels.newInputStream(file.position(0)).transferTo(out));
      }
      number++;
    }
  }

  /** Bytes of what was taken. */
  long packedBytes() {
    return objects.listPacks().stream().mapToLong(each -> each.getFileSize(PackExt.PACK)).sum();
  }

  private static final class Pack extends DfsPackDescription {
    private final Map<PackExt, FileChannel> files = new EnumMap<>(PackExt.class);

    Pack(DfsRepositoryDescription repository, String name, DfsObjDatabase.PackSource source) {
      super(repository, name, source);
    }

    FileChannel file(PackExt kind) throws FileNotFoundException {
      FileChannel file = files.get(kind);
      if (file == null) {
        throw new FileNotFoundException(getFileName(kind));
      }
      return file;
    }
  }

  private static final class Objects extends DfsObjDatabase {
    private final Spool spool;
    private final BoundedPackParser.Limits limits;
    private final List<FileChannel> open = new ArrayList<>();
    private List<DfsPackDescription> packs = List.of();
    private Set<ObjectId> shallow = Set.of();

    Objects(SpoolRepository repository, Spool spool, BoundedPackParser.Limits limits) {
      super(repository, new DfsReaderOptions().setStreamFileThreshold(STREAMED_BYTES));
      this.spool = spool;
      this.limits = limits;
    }

    @Override
    public ObjectInserter newInserter() {
      return new BoundedPackParser.Inserter(this, limits);
    }

    @Override
    protected synchronized List<DfsPackDescription> listPacks() {
      return packs;
    }

    @Override
    protected DfsPackDescription newPack(PackSource source) {
      return new Pack(getRepository().getDescription(), "pack-" + COUNT.incrementAndGet(), source);
    }

    @Override
    protected synchronized void commitPackImpl(Collection<DfsPackDescription> added, Collection<DfsPackDescription> replaced) {
      List<DfsPackDescription> all = new ArrayList<>(added);
      all.addAll(packs);
      if (replaced != null) {
        all.removeAll(replaced);
      }
      packs = all;
      clearCache();
    }

    @Override
    protected void rollbackPack(Collection<DfsPackDescription> dropped) {
      // Its files go with the repository.
    }

    @Override
    protected ReadableChannel openFile(DfsPackDescription pack, PackExt kind) throws IOException {
      return new Input(((Pack) pack).file(kind));
    }

    @Override
    protected synchronized DfsOutputStream writeFile(DfsPackDescription pack, PackExt kind) {
      FileChannel file = spool.file();
      open.add(file);
      ((Pack) pack).files.put(kind, file);
      return new Output(file);
    }

    @Override
    public Set<ObjectId> getShallowCommits() {
      return shallow;
    }

    @Override
    public void setShallowCommits(Set<ObjectId> commits) {
      shallow = Set.copyOf(commits);
    }

    @Override
    public long getApproximateObjectCount() {
      return packs.stream().mapToLong(DfsPackDescription::getObjectCount).sum();
    }

    synchronized void closeFiles() {
      for (FileChannel each : open) {
        try {
          each.close();
        } catch (IOException e) {
          // There is nothing of value in it.
        }
      }
      open.clear();
    }
  }

  private static final class Output extends DfsOutputStream {
    private final FileChannel file;

    Output(FileChannel file) {
      this.file = file;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      ByteBuffer rest = ByteBuffer.wrap(bytes, offset, length);
      try {
        while (rest.hasRemaining()) {
          file.write(rest);
        }
      } catch (IOException e) {
        throw Spool.full(e);
      }
    }

    @Override
    public int read(long position, ByteBuffer into) throws IOException {
      return file.read(into, position);
    }
  }

  private static final class Input implements ReadableChannel {
    private final FileChannel file;
    private long position;
    private boolean isOpen = true;

    Input(FileChannel file) {
      this.file = file;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
      int count = file.read(into, position);
      position += Math.max(count, 0);
      return count;
    }

    /** The file itself stays. */
    @Override
    public void close() {
      isOpen = false;
    }

    @Override
    public boolean isOpen() {
      return isOpen;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void position(long wanted) {
      position = wanted;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public int blockSize() {
      return 0;
    }

    @Override
    public void setReadAheadBytes(int bytes) {
      // The kernel does.
    }
  }
}
