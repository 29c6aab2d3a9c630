package dev.tallyman.image;

import dev.tallyman.error.TallymanException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** The content-addressed store for those beside images who keep blobs in it. They tell what they name through {@link BlobHolder}. */
@ApplicationScoped
public class SharedBlobs {
  private final BlobStore blobs;
  private final ImageInventory inventory;
  private final LastingDrafts lasting;

  @Inject
  SharedBlobs(BlobStore blobs, ImageInventory inventory, LastingDrafts lasting) {
    this.blobs = blobs;
    this.inventory = inventory;
    this.lasting = lasting;
  }

  /** Bytes that arrive. Closing without {@link #keep} removes them. One thread at a time. */
  public static final class Incoming implements AutoCloseable {
    private final BlobStore.Draft draft;
    private final Runnable afterwards;

    private Incoming(BlobStore.Draft draft, Runnable afterwards) {
      this.draft = draft;
      this.afterwards = afterwards;
    }

    /** @throws TallymanException EXHAUSTED when the disk is full */
    public void write(byte[] bytes, int length) {
      try {
        draft.write(bytes, 0, length);
      } catch (StorageFailure e) {
        throw StorageFailure.of(e);
      }
    }

    public long size() {
      return draft.size();
    }

    /** Flushes to disk. Nothing can be written afterwards. @return {@code sha256:…} of what was written */
    public String finish() {
      try {
        return draft.finish().toString();
      } catch (StorageFailure e) {
        throw StorageFailure.of(e);
      }
    }

    /** @return what was written, once finished; the caller closes it */
    public InputStream read() throws IOException {
      return draft.open();
    }

    @Override
    public void close() {
      draft.close();
      afterwards.run();
    }
  }

  public Incoming begin() {
    try {
      return new Incoming(blobs.draft(), () -> {});
    } catch (StorageFailure e) {
      throw StorageFailure.of(e);
    }
  }

  /** Bytes that stay, whatever ends the server, until their Incoming is closed or they are {@link #discard discarded}. @param id a new one, fit for the name of a file; @param note one line, given back by {@link #interrupted} */
  public Incoming begin(String id, String note) {
    try {
      return new Incoming(lasting.begin(id, note), () -> lasting.discard(id));
    } catch (StorageFailure e) {
      throw StorageFailure.of(e);
    }
  }

  public record Interrupted(String id, String note, Instant writtenAt) {}

  /** What was arriving when the last server ended. Only at start, before anything arrives. */
  public List<Interrupted> interrupted() {
    try {
      return lasting.left();
    } catch (IOException e) {
      throw StorageFailure.of(e);
    }
  }

  /** Goes on where it was interrupted. Takes as long as reading what is there. */
  public Incoming resume(String id) {
    try {
      return new Incoming(lasting.resume(id), () -> lasting.discard(id));
    } catch (StorageFailure e) {
      throw StorageFailure.of(e);
    }
  }

  public void discard(String id) {
    lasting.discard(id);
  }

  /** Makes finished bytes visible and durable, then runs the transaction that names them; without it they go again. */
  public <T> T keep(Incoming incoming, Supplier<T> naming) {
    return inventory.exclusively(
        () -> {
          Digest digest = Digest.parse(incoming.finish());
          try {
            blobs.publish(incoming.draft);
          } catch (StorageFailure e) {
            throw StorageFailure.of(e);
          }
          try {
            ImageCrashPoint.SHARED_PUBLISHED.reached();
            T named = naming.get();
            ImageCrashPoint.SHARED_NAMED.reached();
            return named;
          } catch (RuntimeException e) {
            inventory.deleteUnheld(digest);
            throw e;
          }
        });
  }

  /**
   * Runs the transaction that names blobs which are there, or ceases to name some; no deletion comes between.
   *
   * @param forgotten filled by the work with blobs that may have lost their last name
   */
  public <T> T change(Collection<String> forgotten, Supplier<T> work) {
    return inventory.exclusively(
        () -> {
          T result = work.get();
          if (!forgotten.isEmpty()) {
            ImageCrashPoint.NAMES_FORGOTTEN.reached();
          }
          for (String each : List.copyOf(forgotten)) {
            inventory.deleteUnheld(Digest.parse(each));
            ImageCrashPoint.FIRST_FORGOTTEN_DELETED.reached();
          }
          return result;
        });
  }

  /** Whether a layer of an image is this very blob, so that it stays whoever else gives it up. */
  public boolean isInImage(String blob) {
    return inventory.isLayer(Digest.parse(blob));
  }

  /** @return open for reading, even if the blob is deleted meanwhile; the caller closes it */
  public FileChannel open(String blob) throws IOException {
    return blobs.open(Digest.parse(blob));
  }

  /** @return where its bytes lie, to be sent as they are; gone when the blob is deleted */
  public Path file(String blob) {
    return blobs.path(Digest.parse(blob));
  }
}
