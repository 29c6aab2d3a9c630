package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images;
import dev.tallyman.image.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** One pull: manifest, configuration, and those layers that the team has not, several at a time, each unpacked while it comes. */
final class Pull {
  private static final int LARGEST_CONFIG = 1_000_000;
  private static final int SHORT_ID = 12;

  private final ImageParts parts;
  private final Executor threads;
  private final int parallel;
  private final Caller caller;
  private final @Nullable ImageReference name;
  private final String shown;
  private final Platform platform;
  private final Paced progress;
  private final Map<String, InputStream> open = new ConcurrentHashMap<>();
  private volatile boolean isCancelled;

  /** @param name absent: the image gets none; @param shown what is pulled, for people */
  Pull(ImageParts parts, Executor threads, int parallel, Caller caller, @Nullable ImageReference name, String shown, Platform platform, TransferProgress progress) {
    this.parts = parts;
    this.threads = threads;
    this.parallel = parallel;
    this.caller = caller;
    this.name = name;
    this.shown = shown;
    this.platform = platform;
    this.progress = new Paced(progress);
  }

  /** @param reference tag or digest */
  Images.Image from(ImageSource source, String reference) throws IOException {
    ImageSource.Fetched top = manifest(source, reference);
    progress.status(reference, "Pulling from " + (name == null ? shown : name.path()));
    ImageSource.Fetched chosen = top.manifest().isIndex() ? manifest(source, top.manifest().choose(platform).digest()) : top;
    Manifest.Descriptor config = chosen.manifest().config();
    if (config == null) {
      throw new TallymanException(ErrorKind.INVALID, "invalid manifest: an index names another index");
    }
    byte[] document = source.document(config, LARGEST_CONFIG);
    List<String> diffIds = parts.diffIds(document);
    requireMatch(chosen.manifest(), diffIds);
    requirePlatform(document);
    boolean isKnown = name != null && parts.find(caller, config.digest()).filter(image -> image.tags().contains(name.familiarName() + ":" + name.tag())).isPresent();
    Images.Image image = register(document, layers(source, chosen.manifest(), diffIds), chosen.manifest(), diffIds, top.manifest().digest(), source.storedLogin());
    progress.line("Digest: " + top.manifest().digest());
    progress.line("Status: " + (isKnown ? "Image is up to date for " : "Downloaded newer image for ") + shown);
    return image;
  }

  private ImageSource.Fetched manifest(ImageSource source, String reference) throws IOException {
    try {
      return source.manifest(reference);
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        throw new TallymanException(ErrorKind.NOT_FOUND, "manifest for " + shown + " not found: manifest unknown: " + e.getMessage(), e);
      }
      if (e.kind() == ErrorKind.DENIED && name != null) {
        throw new TallymanException(
            ErrorKind.NOT_FOUND, "pull access denied for " + name.familiarName() + ", repository does not exist or may require 'docker login': " + e.getMessage(), e);
      }
      throw e;
    }
  }

  private static void requireMatch(Manifest manifest, List<String> diffIds) {
    if (diffIds.size() != manifest.layers().size()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid image: its manifest has " + manifest.layers().size() + " layers, its configuration " + diffIds.size());
    }
  }

  private void requirePlatform(byte[] document) {
    Platform own = parts.platform(document);
    if (!platform.runs(own)) {
      throw new TallymanException(
          ErrorKind.NOT_FOUND, "image with reference " + shown + " was found but does not match the specified platform: wanted " + platform + ", actual: " + own);
    }
  }

  private Images.Image register(byte[] document, List<ImageParts.Part> taken, Manifest manifest, List<String> diffIds, String digest, String storedLogin) {
    try {
      if (name == null) {
        return parts.register(caller, ImageParts.Arrival.nameless(document, taken, digest));
      }
      List<ImageParts.Copy> copies = new ArrayList<>();
      for (int i = 0; i < diffIds.size(); i++) {
        Manifest.Descriptor layer = manifest.layers().get(i);
        copies.add(new ImageParts.Copy(diffIds.get(i), name.repository(), layer.digest(), layer.size(), layer.mediaType()));
      }
      return parts.register(caller, new ImageParts.Arrival(document, taken, name.repository(), name.digest() == null ? name.tag() : null, digest, copies, storedLogin));
    } finally {
      taken.forEach(ImageParts.Part::close);
    }
  }

  /** @return those that came; the caller closes them */
  private List<ImageParts.Part> layers(ImageSource source, Manifest manifest, List<String> diffIds) throws IOException {
    Map<String, Manifest.Descriptor> wanted = new LinkedHashMap<>();
    for (int i = 0; i < diffIds.size(); i++) {
      String id = shortened(manifest.layers().get(i));
      if (parts.hasLayer(caller, diffIds.get(i))) {
        progress.status(id, "Already exists");
      } else if (wanted.putIfAbsent(diffIds.get(i), manifest.layers().get(i)) == null) {
        progress.status(id, "Pulling fs layer");
      }
    }
    Semaphore turns = new Semaphore(parallel);
    List<FutureTask<ImageParts.Part>> tasks = new ArrayList<>();
    wanted.forEach((diffId, layer) -> tasks.add(new FutureTask<>(() -> take(source, layer, diffId, turns))));
    tasks.forEach(threads::execute);
    return Tasks.await(tasks, this::cancel, ImageParts.Part::close);
  }

  private void cancel() {
    isCancelled = true;
    open.values().forEach(
        each -> {
          try {
            each.close();
          } catch (IOException e) {
            // It is broken off, which was wanted.
          }
        });
  }

  private ImageParts.Part take(ImageSource source, Manifest.Descriptor layer, String diffId, Semaphore turns) throws IOException, InterruptedException {
    String id = shortened(layer);
    turns.acquire();
    try (InputStream in = source.blob(layer, count -> arrived(id, count, layer.size()))) {
      open.put(diffId, in);
      requireWanted();
      ImageParts.Part part = parts.take(caller, in, layer.digest(), diffId);
      progress.status(id, "Pull complete");
      return part;
    } finally {
      open.remove(diffId);
      turns.release();
    }
  }

  private void arrived(String id, long count, long size) {
    requireWanted();
    progress.bytes(id, "Downloading", count, size);
    if (count == size) {
      progress.status(id, "Verifying Checksum");
      progress.status(id, "Download complete");
      progress.bytes(id, "Extracting", count, size);
    }
  }

  private void requireWanted() {
    if (isCancelled) {
      throw new TallymanException(ErrorKind.UNAVAILABLE, "the pull of " + shown + " was broken off");
    }
  }

  private static String shortened(Manifest.Descriptor layer) {
    return layer.digest().substring("sha256:".length(), "sha256:".length() + SHORT_ID);
  }
}
