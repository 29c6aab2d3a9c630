package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.SharedBlobs;
import dev.tallyman.image.SharedBlobs.Incoming;
import dev.tallyman.index.IndexStore.BlobRow;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.IndexStore.RepositoryRow;
import dev.tallyman.web.Failures;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Manifests, tags and lists of them. */
@ApplicationScoped
class ManifestService {
  private static final int MAX_TAGS_AT_ONCE = 50;
  private static final int ROBOT_PAGE = 1000;

  private final IndexStore store;
  private final IndexRights rights;
  private final SharedBlobs blobs;
  private final Intake intake;
  private final ManifestParts parts;
  private final PullTimes pulls;
  private final Immutability immutability;
  private final Quotas quotas;
  private final AuditTrail audit;

  @Inject
  ManifestService(
      IndexStore store, IndexRights rights, SharedBlobs blobs, Intake intake, ManifestParts parts, PullTimes pulls, Immutability immutability, Quotas quotas, AuditTrail audit) {
    this.store = store;
    this.rights = rights;
    this.blobs = blobs;
    this.intake = intake;
    this.parts = parts;
    this.pulls = pulls;
    this.immutability = immutability;
    this.quotas = quotas;
    this.audit = audit;
  }

  record Pushed(String digest, @Nullable String subject) {}

  record Content(ManifestRow row, byte[] bytes) {}

  /** As with blobs, a push that finds it there counts on it. */
  ManifestRow find(Visitor visitor, String name, String reference) {
    ManifestRow row = in(rights.readable(visitor, name, "index.pull"), reference);
    if (rights.mayChange(visitor, name)) {
      store.touchManifest(row.id());
    }
    return row;
  }

  /** The manifest's bytes; recorded as a pull. */
  Content pull(Visitor visitor, String name, String reference) {
    RepositoryRow repository = rights.readable(visitor, name, "index.pull");
    ManifestRow row = in(repository, reference);
    byte[] bytes = bytes(row);
    QuarkusTransaction.requiringNew().run(() -> audit.done(visitor.caller(), "index.pull", shown(name, reference), row.digest()));
    pulls.note(repository.id(), row.id(), Address.isDigest(reference) ? null : reference);
    return new Content(row, bytes);
  }

  /** @param tags further tags, besides a reference that is one. The manifest is durable and visible when this returns. */
  Pushed push(Visitor visitor, String name, String reference, List<String> tags, InputStream body, @Nullable String contentType) {
    rights.requireChange(visitor, name, "index.push", "push");
    List<String> wanted = new ArrayList<>(tags);
    if (!Address.isDigest(reference)) {
      wanted.add(reference);
    }
    if (wanted.size() > MAX_TAGS_AT_ONCE) {
      throw IndexException.invalid("MANIFEST_INVALID", "at most " + MAX_TAGS_AT_ONCE + " tags at once");
    }
    wanted.forEach(Address::requireTag);
    byte[] bytes = read(visitor, body);
    ManifestDocument document = ManifestDocument.parse(bytes, contentType);
    try (Incoming incoming = blobs.begin()) {
      incoming.write(bytes, bytes.length);
      String stored = incoming.finish();
      String digest = Address.isDigest(reference) ? checked(new ContentDigest(reference), bytes) : stored;
      ManifestRow row = new ManifestRow(0, digest, stored, bytes.length, document.mediaType(), document.subject(), document.artifactType());
      audited(visitor, "index.push", name + "@" + digest, () -> blobs.keep(incoming, () -> quotas.keeping(() -> QuarkusTransaction.requiringNew().call(() -> add(visitor, name, wanted, document, row)))));
      return new Pushed(digest, document.subject());
    }
  }

  private byte[] read(Visitor visitor, InputStream body) {
    byte[] bytes;
    try {
      bytes = intake.take(visitor, body, steady -> steady.readNBytes(ManifestDocument.MAX_BYTES + 1));
    } catch (IOException e) {
      throw IndexException.invalid("MANIFEST_INVALID", "the body ended early");
    }
    if (bytes.length > ManifestDocument.MAX_BYTES) {
      throw new IndexException(ErrorKind.TOO_LARGE, "SIZE_INVALID", "the manifest is larger than " + ManifestDocument.MAX_BYTES + " bytes");
    }
    return bytes;
  }

  private boolean add(Visitor visitor, String name, List<String> tags, ManifestDocument document, ManifestRow row) {
    long repository = rights.ensure(visitor, name);
    for (ManifestDocument.Descriptor each : document.blobs()) {
      Optional<BlobRow> blob = store.blob(repository, each.digest().text());
      if (blob.isEmpty()) {
        throw IndexException.absent("MANIFEST_BLOB_UNKNOWN", "the repository has no blob " + each.digest() + ", which the manifest names; push it first");
      }
      if (blob.get().bytes() != each.bytes()) {
        throw IndexException.invalid("SIZE_INVALID", "the manifest gives " + each.bytes() + " bytes for blob " + each.digest() + ", which has " + blob.get().bytes());
      }
    }
    immutability.requireFree(repository, name, tags, row.digest());
    quotas.admit(name, row.stored(), row.bytes());
    long manifest = store.addManifest(visitor.caller(), repository, row);
    parts.add(repository, manifest, document);
    tags.forEach(tag -> store.putTag(visitor.caller(), repository, tag, manifest));
    audit.done(visitor.caller(), "index.push", name + "@" + row.digest(), tags.isEmpty() ? "" : "tags " + String.join(", ", tags));
    return true;
  }

  /** By tag, only the tag goes; by digest, the manifest with all its tags. */
  void delete(Visitor visitor, String name, String reference) {
    rights.requireChange(visitor, name, "index.delete", "delete");
    RepositoryRow repository = rights.readable(visitor, name, "index.delete");
    parts.complete(repository.id());
    List<String> forgotten = new ArrayList<>();
    audited(visitor, "index.delete", shown(name, reference), () -> blobs.change(forgotten, () -> quotas.freeing(() -> QuarkusTransaction.requiringNew().call(() -> remove(visitor, repository, reference, forgotten)))));
  }

  private boolean remove(Visitor visitor, RepositoryRow repository, String reference, List<String> forgotten) {
    ManifestRow row = in(repository, reference);
    if (Address.isDigest(reference)) {
      immutability.requireLoose(repository, row);
      store.removeManifest(row.id());
      forgotten.add(row.stored());
    } else {
      immutability.requireLoose(repository, reference);
      store.removeTag(repository.id(), reference);
    }
    audit.done(visitor.caller(), "index.delete", shown(repository.name(), reference), row.digest());
    return true;
  }

  /** What the rules refuse is in the trail. */
  private void audited(Visitor visitor, String action, String object, Supplier<Boolean> work) {
    try {
      work.get();
    } catch (RuntimeException e) {
      TallymanException known = Failures.known(e);
      if (known != null && (known.kind() == ErrorKind.CONFLICT || known.kind() == ErrorKind.DENIED)) {
        audit.failed(visitor.caller(), action, object, known);
      }
      throw e;
    }
  }

  List<String> tags(Visitor visitor, String name, String after, int limit) {
    return store.tags(rights.readable(visitor, name, "index.list").id(), after, limit);
  }

  List<ManifestRow> referrers(Visitor visitor, String name, ContentDigest subject, @Nullable String artifactType, long after, int limit) {
    if (rights.isYetToCome(visitor, name)) {
      // Nothing refers to anything there (specification, "Listing Referrers").
      return List.of();
    }
    return store.referrers(rights.readable(visitor, name, "index.list").id(), subject.text(), artifactType, after, limit);
  }

  /** Names of repositories that the visitor may read. */
  List<String> catalog(Visitor visitor, String after, int limit) {
    // Of a robot's team most may not be its; others see what is found.
    int asked = visitor.robot() == null ? limit : Math.max(limit, ROBOT_PAGE);
    List<String> found = new ArrayList<>();
    List<RepositoryRow> page;
    String last = after;
    do {
      page = store.repositories(rights.teamSeenBy(visitor), "", last, asked);
      page.stream().filter(each -> rights.mayRead(visitor, each)).limit(limit - found.size()).forEach(each -> found.add(each.name()));
      last = page.isEmpty() ? last : page.get(page.size() - 1).name();
    } while (found.size() < limit && page.size() == asked);
    return found;
  }

  byte[] bytes(ManifestRow row) {
    return parts.bytes(row);
  }

  ManifestRow in(RepositoryRow repository, String reference) {
    Optional<ManifestRow> found =
        Address.isDigest(reference) ? store.manifest(repository.id(), new ContentDigest(reference).text()) : store.tagged(repository.id(), Address.requireTag(reference));
    return found.orElseThrow(() -> IndexException.absent("MANIFEST_UNKNOWN", "the repository has no manifest " + reference));
  }

  private static String checked(ContentDigest digest, byte[] bytes) {
    MessageDigest sum = digest.begin();
    sum.update(bytes);
    if (!digest.matches(sum)) {
      throw IndexException.invalid("DIGEST_INVALID", "the manifest does not have the digest that was given");
    }
    return digest.text();
  }

  private static String shown(String name, String reference) {
    return name + (Address.isDigest(reference) ? "@" : ":") + reference;
  }
}
