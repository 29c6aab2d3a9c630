package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Statements on the tables images, image_layers, layers and tags. Transactions belong to the callers. */
@ApplicationScoped
class ImageStore {
  private static final String LAYER_COLUMNS = "l.id, l.diff_id, l.store, l.blob, l.blob_bytes, l.unpacked_bytes, l.is_damaged";
  private static final String IMAGE_COLUMNS =
      "i.id, i.team_id, i.digest, i.parent, i.creator, (select max(given.created_at) from tags given where given.image_id = i.id)";
  private static final int CACHED_DOCUMENTS = 500;

  /** @param store name in the kernel's store */
  record LayerRow(long id, Digest diffId, String store, Digest blob, long blobBytes, long unpackedBytes, boolean isDamaged) {}

  /** @param id {@code sha256:…}; @param lastTaggedAt absent for an image without tags */
  record ImageRow(long key, long team, String id, @Nullable String parent, String creator, @Nullable Instant lastTaggedAt) {
    Digest digest() {
      return Digest.parse(id);
    }
  }

  record TagRow(long image, ImageReference reference) {}

  /** A layer and the keys of all images that have it. */
  record Holders(long unpackedBytes, Set<Long> images) {}

  private final Sql sql;
  private final Clock clock;
  /** Documents never change under their id, and parsing them is most of the work of an inspect. */
  private final Map<String, ImageDocument> documents =
      new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ImageDocument> eldest) {
          return size() > CACHED_DOCUMENTS;
        }
      };

  @Inject
  ImageStore(AgroalDataSource source) {
    sql = new Sql(source);
    clock = Clock.systemUTC();
  }

  Optional<LayerRow> layerByDiffId(Digest diffId) {
    return sql.first("select " + LAYER_COLUMNS + " from layers l where l.diff_id = ?", ImageStore::layer, diffId.toString());
  }

  Optional<LayerRow> layerByBlob(Digest blob) {
    return sql.first("select " + LAYER_COLUMNS + " from layers l where l.blob = ?", ImageStore::layer, blob.toString());
  }

  List<LayerRow> layers() {
    return sql.list("select " + LAYER_COLUMNS + " from layers l order by l.id", ImageStore::layer);
  }

  /** Bottom layer first. */
  List<LayerRow> layersOf(long image) {
    return sql.list(
        "select " + LAYER_COLUMNS + " from image_layers il join layers l on l.id = il.layer_id where il.image_id = ? order by il.position", ImageStore::layer, image);
  }

  /** Layers of all images of a team, bottom first, by the image's key. */
  Map<Long, List<LayerRow>> layersByImage(long team) {
    record Pair(long image, LayerRow layer) {}
    List<Pair> pairs =
        sql.list(
            "select " + LAYER_COLUMNS + ", il.image_id from image_layers il join layers l on l.id = il.layer_id join images i on i.id = il.image_id"
                + " where i.team_id = ? order by il.image_id, il.position",
            row -> new Pair(row.getLong(8), layer(row)), team);
    return pairs.stream().collect(Collectors.groupingBy(Pair::image, Collectors.mapping(Pair::layer, Collectors.toList())));
  }

  Map<String, Long> layerSizes() {
    record Size(String store, long bytes) {}
    return sql.list("select store, unpacked_bytes from layers", row -> new Size(row.getString(1), row.getLong(2))).stream()
        .collect(Collectors.toMap(Size::store, Size::bytes, (one, other) -> one));
  }

  /** Of every layer that an image has. */
  List<Holders> holders() {
    record Held(long layer, long bytes, long image) {}
    return sql.list("select l.id, l.unpacked_bytes, il.image_id from layers l join image_layers il on il.layer_id = l.id", row -> new Held(row.getLong(1), row.getLong(2), row.getLong(3))).stream()
        .collect(Collectors.groupingBy(Held::layer))
        .values()
        .stream()
        .map(held -> new Holders(held.get(0).bytes(), held.stream().map(Held::image).collect(Collectors.toSet())))
        .toList();
  }

  long addLayer(LayerIntake.Taken taken) {
    return sql.insert(
        "insert into layers (diff_id, store, blob, blob_bytes, unpacked_bytes, is_damaged, created_at) values (?, ?, ?, ?, ?, false, ?)", taken.diffId().toString(), taken.store(),
        taken.blob().toString(), taken.blobBytes(), taken.unpackedBytes(), clock.instant());
  }

  /** Puts good bytes in the place of a damaged layer's. */
  void replaceLayer(long layer, LayerIntake.Taken taken) {
    sql.update(
        "update layers set store = ?, blob = ?, blob_bytes = ?, unpacked_bytes = ?, is_damaged = false where id = ?", taken.store(), taken.blob().toString(), taken.blobBytes(),
        taken.unpackedBytes(), layer);
  }

  void markDamaged(long layer, boolean isDamaged) {
    sql.update("update layers set is_damaged = ? where id = ?", isDamaged, layer);
  }

  /** Deletes the image's rows and those of layers that no other image names; the caller removes their bytes after the commit. */
  List<LayerRow> deleteImage(long image) {
    List<LayerRow> layers = layersOf(image).stream().distinct().toList();
    sql.update("delete from tags where image_id = ?", image);
    sql.update("delete from repo_digests where image_id = ?", image);
    sql.update("delete from image_layers where image_id = ?", image);
    sql.update("delete from images where id = ?", image);
    return layers.stream().filter(this::deleteIfUnused).toList();
  }

  private boolean deleteIfUnused(LayerRow layer) {
    sql.update("delete from layer_copies where layer_id = ? and not exists (select 1 from image_layers il where il.layer_id = layer_copies.layer_id)", layer.id());
    return sql.update("delete from layers where id = ? and not exists (select 1 from image_layers il where il.layer_id = layers.id)", layer.id()) > 0;
  }

  List<LayerRow> deleteUnusedLayers() {
    List<LayerRow> unused =
        sql.list("select " + LAYER_COLUMNS + " from layers l where not exists (select 1 from image_layers il where il.layer_id = l.id)", ImageStore::layer);
    for (LayerRow each : unused) {
      sql.update("delete from layer_copies where layer_id = ?", each.id());
      sql.update("delete from layers where id = ?", each.id());
    }
    return unused;
  }

  boolean hasBlob(Digest blob) {
    return sql.first("select 1 from layers where blob = ?", row -> true, blob.toString()).isPresent();
  }

  Optional<ImageRow> image(long team, Digest digest) {
    return sql.first("select " + IMAGE_COLUMNS + " from images i where i.team_id = ? and i.digest = ? and i.removed_at is null", ImageStore::image, team, digest.toString());
  }

  /** @param hexPrefix 1 to 64 hex characters; at most two rows come back, enough to see that it is ambiguous */
  List<ImageRow> imagesByPrefix(long team, String hexPrefix) {
    return sql.list(
        "select " + IMAGE_COLUMNS + " from images i where i.team_id = ? and i.digest like ? and i.removed_at is null order by i.id fetch first 2 rows only", ImageStore::image, team,
        "sha256:" + hexPrefix + "%");
  }

  Optional<ImageRow> imageByTag(long team, ImageReference reference) {
    return sql.first(
        "select " + IMAGE_COLUMNS + " from tags t join images i on i.id = t.image_id where t.team_id = ? and t.repository = ? and t.tag = ?", ImageStore::image, team,
        reference.repository(), reference.tag());
  }

  Optional<ImageRow> imageByKey(long image) {
    return sql.first("select " + IMAGE_COLUMNS + " from images i where i.id = ?", ImageStore::image, image);
  }

  List<ImageRow> images(long team) {
    return sql.list("select " + IMAGE_COLUMNS + " from images i where i.team_id = ? and i.removed_at is null order by i.id", ImageStore::image, team);
  }

  List<ImageRow> hiddenImages() {
    return sql.list("select " + IMAGE_COLUMNS + " from images i where i.removed_at is not null order by i.id", ImageStore::image);
  }

  boolean hasChildren(long team, String id) {
    return sql.first("select 1 from images i where i.team_id = ? and i.parent = ? and i.removed_at is null fetch first 1 rows only", row -> true, team, id).isPresent();
  }

  /** Adds the image to the team, or shows it again if it was hidden. @return its key */
  long addImage(long team, ImageDocument document, @Nullable String parent, String creator, List<Long> layers) {
    Optional<Long> known = sql.first("select i.id from images i where i.team_id = ? and i.digest = ?", row -> row.getLong(1), team, document.id().toString());
    if (known.isPresent()) {
      sql.update("update images set removed_at = null where id = ? and removed_at is not null", known.get());
      return known.get();
    }
    long image =
        sql.insert(
            "insert into images (team_id, digest, config, parent, creator, created_at) values (?, ?, ?, ?, ?, ?)", team, document.id().toString(), document.json(), parent, creator,
            clock.instant());
    remember(document);
    for (int i = 0; i < layers.size(); i++) {
      sql.update("insert into image_layers (image_id, position, layer_id) values (?, ?, ?)", image, i, layers.get(i));
    }
    return image;
  }

  void hideImage(long image) {
    sql.update("delete from tags where image_id = ?", image);
    sql.update("update images set removed_at = ? where id = ?", clock.instant(), image);
  }

  /** Points a tag at an image. @return id of the image it named before, if that is another one */
  Optional<String> moveTag(long team, ImageReference reference, long image, String creator) {
    Optional<ImageRow> before = imageByTag(team, reference);
    if (before.isEmpty()) {
      sql.insert(
          "insert into tags (team_id, repository, tag, image_id, creator, created_at) values (?, ?, ?, ?, ?, ?)", team, reference.repository(), reference.tag(), image, creator,
          clock.instant());
    } else if (before.get().key() != image) {
      sql.update(
          "update tags set image_id = ?, creator = ?, created_at = ? where team_id = ? and repository = ? and tag = ?", image, creator, clock.instant(), team,
          reference.repository(), reference.tag());
    }
    return before.filter(each -> each.key() != image).map(ImageRow::id);
  }

  void removeTag(long team, ImageReference reference) {
    sql.update("delete from tags where team_id = ? and repository = ? and tag = ?", team, reference.repository(), reference.tag());
  }

  /** Forgets under which digests a repository has the image, unless a tag of the repository is left. @return those forgotten */
  List<String> forgetDigests(long image, String repository) {
    boolean isTagged = sql.first("select 1 from tags where image_id = ? and repository = ? fetch first 1 rows only", row -> true, image, repository).isPresent();
    if (isTagged) {
      return List.of();
    }
    List<String> digests = sql.list("select digest from repo_digests where image_id = ? and repository = ? order by digest", row -> row.getString(1), image, repository);
    sql.update("delete from repo_digests where image_id = ? and repository = ?", image, repository);
    return digests;
  }

  List<ImageReference> tagsOf(long image) {
    return sql.list("select t.image_id, t.repository, t.tag from tags t where t.image_id = ? order by t.repository, t.tag", ImageStore::tag, image).stream()
        .map(TagRow::reference)
        .toList();
  }

  List<TagRow> tags(long team) {
    return sql.list("select t.image_id, t.repository, t.tag from tags t where t.team_id = ? order by t.repository, t.tag", ImageStore::tag, team);
  }

  /** @throws TallymanException NOT_FOUND when the image was removed since its row was read */
  ImageDocument document(ImageRow image) {
    return findDocument(image).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "No such image: " + image.id()));
  }

  Optional<ImageDocument> findDocument(ImageRow image) {
    synchronized (documents) {
      ImageDocument cached = documents.get(image.id());
      if (cached != null) {
        return Optional.of(cached);
      }
    }
    Optional<String> json = sql.first("select i.config from images i where i.id = ?", row -> row.getString(1), image.key());
    Optional<ImageDocument> document = json.map(text -> ImageDocument.parse(text.getBytes(StandardCharsets.UTF_8)));
    document.ifPresent(this::remember);
    return document;
  }

  private void remember(ImageDocument document) {
    synchronized (documents) {
      documents.put(document.id().toString(), document);
    }
  }

  private static LayerRow layer(ResultSet row) throws SQLException {
    return new LayerRow(
        row.getLong(1), Digest.parse(row.getString(2)), row.getString(3), Digest.parse(row.getString(4)), row.getLong(5), row.getLong(6), row.getBoolean(7));
  }

  private static ImageRow image(ResultSet row) throws SQLException {
    OffsetDateTime lastTaggedAt = row.getObject(6, OffsetDateTime.class);
    return new ImageRow(
        row.getLong(1), row.getLong(2), row.getString(3), row.getString(4), row.getString(5), lastTaggedAt == null ? null : lastTaggedAt.toInstant());
  }

  private static TagRow tag(ResultSet row) throws SQLException {
    return new TagRow(row.getLong(1), ImageReference.parse(row.getString(2) + ":" + row.getString(3)));
  }
}
