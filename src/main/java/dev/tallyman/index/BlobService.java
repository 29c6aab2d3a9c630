package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.image.SharedBlobs.Incoming;
import dev.tallyman.index.IndexStore.BlobRow;
import dev.tallyman.index.IndexStore.RepositoryRow;
import dev.tallyman.index.Uploads.Upload;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Blobs of repositories. */
@ApplicationScoped
class BlobService {
  private static final int BUFFER_BYTES = 1 << 18;

  private final IndexStore store;
  private final IndexRights rights;
  private final SharedBlobs blobs;
  private final Uploads uploads;
  private final Intake intake;
  private final ManifestParts parts;
  private final PartStore partStore;
  private final Quotas quotas;
  private final AuditTrail audit;

  @Inject
  BlobService(
      IndexStore store, IndexRights rights, SharedBlobs blobs, Uploads uploads, Intake intake, ManifestParts parts, PartStore partStore, Quotas quotas, AuditTrail audit) {
    this.store = store;
    this.rights = rights;
    this.blobs = blobs;
    this.uploads = uploads;
    this.intake = intake;
    this.parts = parts;
    this.partStore = partStore;
    this.quotas = quotas;
    this.audit = audit;
  }

  /** Somebody who may push and hears that it is there will not send it: the collection of garbage is told. */
  BlobRow find(Visitor visitor, String name, ContentDigest digest) {
    RepositoryRow repository = rights.readable(visitor, name, "index.pull");
    BlobRow row = store.blob(repository.id(), digest.text()).orElseThrow(() -> unknown(digest));
    if (rights.mayChange(visitor, name)) {
      store.touchBlob(repository.id(), digest.text());
    }
    return row;
  }

  /** Where its bytes lie. */
  Path file(BlobRow row) {
    return blobs.file(row.stored());
  }

  Upload begin(Visitor visitor, String name) {
    rights.requireChange(visitor, name, "index.push", "push");
    return uploads.begin(visitor, name);
  }

  /** Shows an upload or adds to it. */
  <T> T with(Visitor visitor, String name, String id, Uploads.Work<T> work) {
    rights.requireChange(visitor, name, "index.push", "push");
    return uploads.with(visitor, name, id, work);
  }

  /** @param digest of the whole blob, if the client gave it by now */
  void append(Visitor visitor, Upload upload, InputStream body, @Nullable String contentRange, @Nullable ContentDigest digest) throws IOException {
    long expected = Uploads.chunkLength(upload, contentRange);
    LongConsumer guard = quotas.guard(upload, digest);
    try {
      intake.take(
          visitor, body,
          steady -> {
            uploads.receive(upload, steady, expected, guard);
            return upload;
          });
    } catch (IndexException e) {
      throw told(visitor, upload.repository, e);
    }
  }

  void cancel(Upload upload) {
    uploads.end(upload);
  }

  /** Ends the upload; its blob is durable and visible when this returns. DIGEST_INVALID when the bytes are others. */
  void finish(Visitor visitor, Upload upload, ContentDigest digest) throws IOException {
    Incoming incoming = upload.incoming();
    try {
      String stored = incoming.finish();
      boolean isRight = digest.isSha256() ? digest.text().equals(stored) : digest.matches(sum(incoming, digest));
      if (!isRight) {
        throw IndexException.invalid("DIGEST_INVALID", "the bytes do not have the digest that was given; upload them again");
      }
      BlobRow row = new BlobRow(digest.text(), stored, incoming.size());
      blobs.keep(incoming, () -> linked(visitor, upload.repository, row));
    } finally {
      uploads.end(upload);
    }
  }

  /** Makes a blob of another repository one of this, too. Only from one that the visitor may read: a digest alone opens nothing. @param from absent = any of them @return false if there is none */
  boolean mount(Visitor visitor, String name, ContentDigest digest, @Nullable String from) {
    rights.requireChange(visitor, name, "index.push", "push");
    return blobs.change(
        List.of(),
        () -> {
          Optional<BlobRow> found = from == null ? anywhere(visitor, digest) : within(visitor, from, digest);
          found.ifPresent(row -> linked(visitor, name, row));
          return found.isPresent();
        });
  }

  private Optional<BlobRow> within(Visitor visitor, String from, ContentDigest digest) {
    Optional<RepositoryRow> source = store.repository(from).filter(each -> rights.mayRead(visitor, each));
    // Asks for a token with both scopes, only from those who may have it.
    source.ifPresent(each -> IndexRights.requireScope(visitor, from, "pull"));
    return source.flatMap(each -> store.blob(each.id(), digest.text()));
  }

  private Optional<BlobRow> anywhere(Visitor visitor, ContentDigest digest) {
    // A token for some repositories opens no others, nor does a robot.
    return visitor.scopes() != null || visitor.robot() != null ? Optional.empty() : store.blobOf(rights.teamSeenBy(visitor), digest.text());
  }

  /** @throws BlobInUseException while a manifest of the repository has it */
  void delete(Visitor visitor, String name, ContentDigest digest) {
    rights.requireChange(visitor, name, "index.delete", "delete");
    RepositoryRow repository = rights.readable(visitor, name, "index.delete");
    parts.complete(repository.id());
    List<String> forgotten = new ArrayList<>();
    blobs.change(
        forgotten,
        () ->
            quotas.freeing(
                () ->
                    QuarkusTransaction.requiringNew()
                        .call(
                            () -> {
                              BlobRow row = store.blob(repository.id(), digest.text()).orElseThrow(() -> unknown(digest));
                              requireUnnamed(visitor, repository, digest);
                              store.removeBlob(repository.id(), digest.text());
                              audit.done(visitor.caller(), "index.delete", name + "@" + digest, "blob");
                              return forgotten.add(row.stored());
                            })));
  }

  private void requireUnnamed(Visitor visitor, RepositoryRow repository, ContentDigest digest) {
    partStore
        .manifestWith(repository.id(), digest.text())
        .ifPresent(
            manifest -> {
              BlobInUseException refused = new BlobInUseException(digest, manifest);
              audit.failed(visitor.caller(), "index.delete", repository.name() + "@" + digest, refused);
              throw refused;
            });
  }

  private boolean linked(Visitor visitor, String name, BlobRow row) {
    try {
      return quotas.keeping(() -> QuarkusTransaction.requiringNew().call(() -> link(visitor, name, row)));
    } catch (RuntimeException e) {
      throw Failures.known(e) instanceof IndexException known ? told(visitor, name, known) : e;
    }
  }

  /** What its team may not keep is in the trail. */
  private IndexException told(Visitor visitor, String name, IndexException refused) {
    if (refused.kind() == ErrorKind.DENIED) {
      audit.failed(visitor.caller(), "index.push", name, refused);
    }
    return refused;
  }

  private boolean link(Visitor visitor, String name, BlobRow row) {
    quotas.admit(name, row.stored(), row.bytes());
    store.addBlob(rights.ensure(visitor, name), row);
    return true;
  }

  private static MessageDigest sum(Incoming incoming, ContentDigest digest) throws IOException {
    MessageDigest sum = digest.begin();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = incoming.read()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sum.update(buffer, 0, count);
      }
    }
    return sum;
  }

  private static IndexException unknown(ContentDigest digest) {
    return IndexException.absent("BLOB_UNKNOWN", "the repository has no blob " + digest);
  }
}
