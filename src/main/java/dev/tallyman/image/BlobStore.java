package dev.tallyman.image;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Files named by the SHA-256 of their content: {@code blobs/sha256/ab/abcd…}. A blob appears by rename after its bytes are on disk, and
 * the digest is computed here over the bytes written, so every visible blob hashes to its name.
 */
@ApplicationScoped
class BlobStore {
  /** Small blobs are flushed once at the end; large ones in steps of this size. */
  private static final long FLUSH_BYTES = 16 << 20;

  private static final int READ_BYTES = 1 << 18;

  private final Path drafts;
  private final Path lasting;
  private final Path blobs;
  private final ExecutorService flushers =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "blob-flush");
            thread.setDaemon(true);
            return thread;
          });

  @Inject
  BlobStore(ImageFolders folders) {
    this(folders.state());
  }

  BlobStore(Path state) {
    drafts = state.resolve("server").resolve("blobs").resolve("drafts");
    lasting = state.resolve("server").resolve("blobs").resolve("lasting");
    blobs = state.resolve("server").resolve("blobs").resolve("sha256");
  }

  /** A file being written. Closing it without {@link #publish} removes it. One thread at a time. */
  final class Draft implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final boolean isLasting;
    private final MessageDigest sum = Digest.begin();
    private long size;
    private @Nullable Digest digest;
    private long flushedSize;
    private Future<?> flushing = CompletableFuture.completedFuture(null);

    private Draft(Path file, FileChannel channel, boolean isLasting) {
      this.file = file;
      this.channel = channel;
      this.isLasting = isLasting;
    }

    void write(byte[] bytes, int offset, int length) throws StorageFailure {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        size += length;
        flushEarly();
      } catch (IOException e) {
        throw new StorageFailure(e);
      }
      sum.update(bytes, offset, length);
    }

    private void takeUp() throws IOException {
      byte[] buffer = new byte[READ_BYTES];
      try (InputStream in = Files.newInputStream(file)) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          sum.update(buffer, 0, count);
          size += count;
        }
      } catch (IOException e) {
        closeQuietly(channel);
        throw e;
      }
    }

    /** Lets the disk work while the rest still comes; {@link #finish} then waits for the last part only. */
    private void flushEarly() throws IOException {
      if (isLasting && size - flushedSize >= FLUSH_BYTES && flushing.isDone()) {
        awaitFlush();
        flushedSize = size;
        flushing =
            flushers.submit(
                () -> {
                  channel.force(false);
                  return null;
                });
      }
    }

    /** A failed flush must be told: a later one may claim success for pages that the kernel gave up (invariant I8). */
    private void awaitFlush() throws IOException {
      try {
        flushing.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while flushing", e);
      }
    }

    /** Puts the bytes on disk, unless they are {@link #scratch}, and fixes the digest. Nothing can be written afterwards. */
    Digest finish() throws StorageFailure {
      if (digest == null) {
        try {
          awaitFlush();
          if (isLasting) {
            channel.force(true);
          }
          channel.close();
        } catch (IOException e) {
          throw new StorageFailure(e);
        }
        digest = Digest.finish(sum);
      }
      return digest;
    }

    long size() {
      return size;
    }

    /** What was written, once it is finished; the caller closes it. */
    InputStream open() throws IOException {
      return Files.newInputStream(file);
    }

    @Override
    public void close() {
      closeQuietly(channel);
      deleteQuietly(file);
    }
  }

  Draft draft() throws StorageFailure {
    return draft(true);
  }

  /** A draft that is never published, so that nothing waits for the disk. */
  Draft scratch() throws StorageFailure {
    return draft(false);
  }

  private Draft draft(boolean isLasting) throws StorageFailure {
    try {
      Files.createDirectories(drafts);
      Path file = Files.createTempFile(drafts, "blob-", ".part");
      return new Draft(file, FileChannel.open(file, StandardOpenOption.WRITE), isLasting);
    } catch (IOException e) {
      throw new StorageFailure(e);
    }
  }

  /** A draft that the next start of the server leaves alone. @param name of its file in {@link #lasting} */
  Draft lastingDraft(String name) throws StorageFailure {
    try {
      Path file = lasting.resolve(name);
      return new Draft(file, FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), true);
    } catch (IOException e) {
      throw new StorageFailure(e);
    }
  }

  /** A lasting draft that another server began. Reads what is there, for the digest. */
  Draft resumed(String name) throws StorageFailure {
    try {
      Path file = lasting.resolve(name);
      Draft draft = new Draft(file, FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND), true);
      draft.takeUp();
      return draft;
    } catch (IOException e) {
      throw new StorageFailure(e);
    }
  }

  /** The folder of lasting drafts, which is there. */
  Path lasting() throws IOException {
    return Files.createDirectories(lasting);
  }

  /** Makes a finished draft visible under its digest; durable when this returns. A blob that is there already is left as it is. */
  void publish(Draft draft) throws StorageFailure {
    if (!draft.isLasting) {
      throw new IllegalStateException("a scratch draft is on no disk for sure");
    }
    Path target = path(draft.finish());
    try {
      if (hasWhole(target, draft.size())) {
        draft.close();
        return;
      }
      Path directory = parentOf(target);
      Files.createDirectories(directory);
      Files.move(draft.file, target, StandardCopyOption.ATOMIC_MOVE);
      sync(directory);
      sync(parentOf(directory));
    } catch (IOException e) {
      throw new StorageFailure(e);
    }
  }

  private static boolean hasWhole(Path file, long size) throws IOException {
    try {
      return Files.size(file) == size;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  boolean has(Digest digest, long size) {
    try {
      return hasWhole(path(digest), size);
    } catch (IOException e) {
      return false;
    }
  }

  /** @return the caller closes it */
  FileChannel open(Digest digest) throws IOException {
    return FileChannel.open(path(digest), StandardOpenOption.READ);
  }

  /** Told by the blob's first bytes. */
  Compression compression(Digest digest) throws IOException {
    try (FileChannel channel = open(digest)) {
      ByteBuffer head = ByteBuffer.allocate(Compression.SNIFFED_BYTES);
      while (head.hasRemaining() && channel.read(head) >= 0) {
        // A short read is continued.
      }
      return Compression.of(Arrays.copyOf(head.array(), head.position()));
    }
  }

  /** An absent blob is success. */
  void delete(Digest digest) {
    deleteQuietly(path(digest));
  }

  List<Digest> list() throws IOException {
    List<Digest> found = new ArrayList<>();
    if (!Files.isDirectory(blobs)) {
      return found;
    }
    try (DirectoryStream<Path> directories = Files.newDirectoryStream(blobs)) {
      for (Path directory : directories) {
        addNames(directory, found);
      }
    }
    return found;
  }

  private static void addNames(Path directory, List<Digest> found) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        if (Digest.isHex(name)) {
          found.add(new Digest(name));
        }
      }
    }
  }

  /** Removes what a killed server left half written. Only at start, before anything writes. */
  int clearDrafts() throws IOException {
    int cleared = 0;
    if (Files.isDirectory(drafts)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(drafts)) {
        for (Path file : files) {
          Files.deleteIfExists(file);
          cleared++;
        }
      }
    }
    return cleared;
  }

  Path path(Digest digest) {
    return blobs.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private static Path parentOf(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException("a root directory has no parent");
    }
    return parent;
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing to save: the file is given up.
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // The next start removes it: reconciliation clears drafts and unknown blobs.
    }
  }
}
