package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Images of a team: import, load, save, tag, list, inspect, history, remove. */
public interface Images {
  /**
   * Makes an image of one layer from a root file system tar (plain, gzip or zstd).
   *
   * @param reference name[:tag]; absent = untagged
   * @param platform what the files were made for
   * @param changes Dockerfile instructions: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME, WORKDIR, STOPSIGNAL, HEALTHCHECK, ONBUILD
   */
  Image importTar(Caller caller, InputStream tar, @Nullable String reference, Platform platform, List<String> changes, String message);

  /** As above, for this machine. */
  default Image importTar(Caller caller, InputStream tar, @Nullable String reference, List<String> changes, String message) {
    return importTar(caller, tar, reference, Platform.here(), changes, message);
  }

  /** Reads the tar of docker save or an OCI layout. @param progress gets lines such as {@code Loaded image: busybox:latest} */
  default List<Image> load(Caller caller, InputStream tar, Consumer<String> progress) {
    return load(caller, tar, "", progress);
  }

  /** The same of one architecture only, in OCI's spelling. @param architecture empty = this machine's where an archive has several */
  List<Image> load(Caller caller, InputStream tar, String architecture, Consumer<String> progress);

  /** Writes a tar that docker load and OCI tools read. */
  void save(Caller caller, List<String> names, OutputStream out);

  List<Image> list(Caller caller, ImageFilter filter);

  /** Bytes of the files of every layer that an image has, by its name in the kernel's store; of all teams, since they share them. */
  Map<String, Long> layerSizes();

  /** @param name reference, id, id prefix (≥ 1 hex) or digest; NOT_FOUND: {@code No such image: name:tag} */
  Image inspect(Caller caller, String name);

  /** The id of what a name stands for, or empty: what a list of many can afford to ask. */
  Optional<String> idOf(Caller caller, String name);

  List<HistoryEntry> history(Caller caller, String name);

  void tag(Caller caller, String name, String repository, String tag);

  /** @return what happened, in order: untagged references and deleted ids; CONFLICT if in use and not forced */
  List<Removal> remove(Caller caller, String name, boolean isForced, boolean prunesParents);

  /** @param onlyDangling false = also tagged ones that no container uses */
  Pruned prune(Caller caller, boolean onlyDangling, List<String> labels, @Nullable Instant until);

  /** Ids of the images that {@link #prune} without further filters would remove now. */
  List<String> prunable(Caller caller, boolean onlyDangling);

  /** Bytes that the removal of exactly these images would give back now; layers of images that stay are not among them. @param ids {@code sha256:…} */
  long reclaimable(Caller caller, Set<String> ids);

  /** Removes exactly these with all their tags. One that has got a container meanwhile stays; one that is gone is none of ours. @param ids {@code sha256:…} */
  Pruned prune(Caller caller, Set<String> ids);

  /**
   * An image made from a container's writable layer.
   *
   * @param layerTar uncompressed OCI layer, empty stream allowed
   */
  Image commit(Caller caller, @Nullable String parent, InputStream layerTar, ImageConfig config, @Nullable String reference, Origin origin);

  /**
   * @param id {@code sha256:…} of the configuration
   * @param repoDigests names with the digest of a manifest under which it was pulled or pushed, e.g. {@code busybox@sha256:…}
   * @param lastTaggedAt when it last got a tag that it still has; absent when it has none
   * @param layers names in {@link dev.tallyman.kernel.Layers}, bottom layer first. A container keeps this list with its record, because a
   *     forced removal may take the image away; the layers stay as long as {@link Users} names a container.
   */
  record Image(
      String id, List<String> tags, List<String> repoDigests, Instant createdAt, long sizeBytes, String architecture, String os, ImageConfig config, List<String> diffIds, List<String> layers,
      String author, String comment, long team, String creator, @Nullable String parent, @Nullable Instant lastTaggedAt, String configJson) {}

  /** What an image says of how it came to be; empty = nothing. @param container id of the one it was committed from */
  record Origin(String author, String comment, String container) {}

  /** @param createdBy the instruction; @param layerId chain id, absent for an empty layer */
  record HistoryEntry(String id, Instant createdAt, String createdBy, List<String> tags, long sizeBytes, String comment) {}

  record Removal(@Nullable String untagged, @Nullable String deleted) {}

  record Pruned(List<Removal> removals, long reclaimedBytes) {}

  /** @param references patterns such as {@code busybox} or {@code busy*:latest}; @param dangling null = both; @param hasIntermediate those without a name that others were made from */
  record ImageFilter(
      List<String> references, List<String> labels, @Nullable Boolean dangling, @Nullable Instant before, @Nullable Instant since, boolean hasIntermediate) {
    /** Without the steps of builds. */
    public ImageFilter(List<String> references, List<String> labels, @Nullable Boolean dangling, @Nullable Instant before, @Nullable Instant since) {
      this(references, labels, dangling, before, since, false);
    }

    public static ImageFilter withIntermediate() {
      return new ImageFilter(List.of(), List.of(), null, null, null, true);
    }

    public static ImageFilter all() {
      return new ImageFilter(List.of(), List.of(), null, null, null);
    }
  }

  /** Who still needs an image or layer; implemented by the container inventory. Called inside the removal's transaction. */
  interface Users {
    /** The team's containers made from the image, or having it mounted, that are not removed; running ones first. */
    List<User> usersOf(long team, String imageId);

    /** @param isRunning its root is the image's, and it runs; @param isMounted it has the image mounted and another one as its root: as with Docker that may run on while the image goes */
    record User(String containerId, String name, boolean isRunning, boolean isMounted) {}
  }
}
