package dev.tallyman.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import org.h2.store.fs.FileBase;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.jspecify.annotations.Nullable;

/**
 * H2's files {@code ballast:PATH}: a write that finds the disk full is tried again with a slice of the {@link Ballast}. H2 would close the whole
 * database at the first write that fails. H2 makes the instances itself, so what they share is static.
 */
public final class BallastedFile extends FilePathWrapper {
  private static volatile @Nullable Ballast ballast;

  /** For H2. */
  public BallastedFile() {}

  /** To be called before the database is opened. */
  static void use(Ballast shared) {
    ballast = shared;
    FilePath.register(new BallastedFile());
  }

  static void refill() {
    Ballast shared = ballast;
    if (shared != null) {
      shared.take();
    }
  }

  @Override
  public String getScheme() {
    return "ballast";
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new Channel(super.open(mode));
  }

  private static boolean isFull(IOException failure) {
    return String.valueOf(failure.getMessage()).contains("No space left on device");
  }

  private static boolean giveRoom() {
    Ballast shared = ballast;
    return shared != null && shared.give();
  }

  private static final class Channel extends FileBase {
    private final FileChannel base;

    Channel(FileChannel base) {
      this.base = base;
    }

    @Override
    public int write(ByteBuffer bytes, long position) throws IOException {
      while (true) {
        try {
          return base.write(bytes, position);
        } catch (IOException e) {
          if (!isFull(e) || !giveRoom()) {
            throw e;
          }
        }
      }
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
      int written = write(bytes, base.position());
      base.position(base.position() + written);
      return written;
    }

    @Override
    public int read(ByteBuffer bytes, long position) throws IOException {
      return base.read(bytes, position);
    }

    @Override
    public int read(ByteBuffer bytes) throws IOException {
      return base.read(bytes);
    }

    @Override
    public long position() throws IOException {
      return base.position();
    }

    @Override
    public FileChannel position(long position) throws IOException {
      base.position(position);
      return this;
    }

    @Override
    public long size() throws IOException {
      return base.size();
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      base.truncate(size);
      return this;
    }

    @Override
    public void force(boolean metaData) throws IOException {
      base.force(metaData);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean isShared) throws IOException {
      return base.tryLock(position, size, isShared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      base.close();
    }
  }
}
