package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageParts;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;

/** One push: only what the repository has not, by reference from another repository where that one has it; the manifest last. */
final class Push {
  private static final int SHORT_ID = 12;

  private final ImageParts parts;
  private final Executor threads;
  private final int parallel;
  private final Caller caller;
  private final ImageReference name;
  private final Images.Image image;
  private final Paced progress;

  Push(ImageParts parts, Executor threads, int parallel, Caller caller, ImageReference name, Images.Image image, TransferProgress progress) {
    this.parts = parts;
    this.threads = threads;
    this.parallel = parallel;
    this.caller = caller;
    this.name = name;
    this.image = image;
    this.progress = new Paced(progress);
  }

  Distribution.Pushed to(Repository repository) throws IOException {
    progress.line("The push refers to repository [" + name.repository() + "]");
    List<ImageParts.Layer> layers = parts.layers(caller, image.id());
    layers.forEach(layer -> progress.status(shortened(layer), "Preparing"));
    List<ImageParts.Copy> copies = sendAll(repository, layers);
    byte[] config = image.configJson().getBytes(StandardCharsets.UTF_8);
    if (!repository.has(image.id())) {
      repository.finish(required(repository.begin(null, null)), image.id(), config.length, new java.io.ByteArrayInputStream(config));
    }
    // zstd has no name in Docker's own schema.
    boolean isOci = copies.stream().anyMatch(copy -> copy.mediaType().endsWith("zstd"));
    byte[] manifest = ManifestText.of(image.id(), config.length, copies, isOci);
    repository.putManifest(String.valueOf(name.tag()), manifest, isOci ? Manifest.OCI_MANIFEST : Manifest.DOCKER_MANIFEST);
    String digest = Manifest.digestOf(manifest);
    boolean isNamed = image.tags().contains(name.familiarName() + ":" + name.tag());
    parts.remember(caller, isNamed ? name.familiar() : image.id(), name.repository(), digest, copies, repository.storedLogin());
    progress.line(name.tag() + ": digest: " + digest + " size: " + manifest.length);
    return new Distribution.Pushed(String.valueOf(name.tag()), digest, manifest.length);
  }

  private List<ImageParts.Copy> sendAll(Repository repository, List<ImageParts.Layer> layers) throws IOException {
    Semaphore turns = new Semaphore(parallel);
    Map<Long, FutureTask<ImageParts.Copy>> tasks = new LinkedHashMap<>();
    layers.forEach(layer -> tasks.computeIfAbsent(layer.key(), key -> new FutureTask<>(() -> send(repository, layer, turns))));
    tasks.values().forEach(threads::execute);
    Map<String, ImageParts.Copy> sent = new HashMap<>();
    Tasks.await(List.copyOf(tasks.values()), () -> {}, copy -> {}).forEach(copy -> sent.put(copy.diffId(), copy));
    return layers.stream().map(layer -> sent.get(layer.diffId())).toList();
  }

  private ImageParts.Copy send(Repository repository, ImageParts.Layer layer, Semaphore turns) throws IOException, InterruptedException {
    String id = shortened(layer);
    turns.acquire();
    try {
      Optional<ImageParts.Copy> known = parts.copyIn(layer, name.repository());
      if (known.isPresent() && repository.has(known.get().digest())) {
        progress.status(id, "Layer already exists");
        return known.get();
      }
      Optional<ImageParts.Copy> mounted = mounted(repository, layer);
      if (mounted.isPresent()) {
        return mounted.get();
      }
      if (layer.isPacked()) {
        return send(repository, id, copy(layer, layer.blobDigest(), layer.blobBytes(), layer.mediaType()), () -> Channels.newInputStream(parts.open(layer)));
      }
      progress.status(id, "Waiting");
      try (ImageParts.Compressed compressed = parts.compress(layer)) {
        return send(repository, id, copy(layer, compressed.digest(), compressed.sizeBytes(), ManifestText.OCI_LAYER), compressed::open);
      }
    } finally {
      turns.release();
    }
  }

  private ImageParts.Copy copy(ImageParts.Layer layer, String digest, long size, String mediaType) {
    return new ImageParts.Copy(layer.diffId(), name.repository(), digest, size, mediaType);
  }

  private Optional<ImageParts.Copy> mounted(Repository repository, ImageParts.Layer layer) throws IOException {
    for (ImageParts.Copy other : parts.copiesAt(layer, name.domain())) {
      if (other.repository().equals(name.repository())) {
        continue;
      }
      String from = other.repository().substring(name.domain().length() + 1);
      if (mounts(repository, other.digest(), from)) {
        progress.status(shortened(layer), "Mounted from " + from);
        return Optional.of(copy(layer, other.digest(), other.sizeBytes(), other.mediaType()));
      }
      break; // One refusal says how this registry takes it; an upload it began anyway runs out by itself.
    }
    return Optional.empty();
  }

  /** A registry may want more credentials for the other repository than this push has: then the bytes are sent. */
  private static boolean mounts(Repository repository, String digest, String from) throws IOException {
    try {
      return repository.begin(digest, from) == null;
    } catch (TallymanException e) {
      if (e.kind() != ErrorKind.DENIED) {
        throw e;
      }
      return false;
    }
  }

  /** Opens the bytes from their beginning, for each try anew. */
  private interface Source {
    InputStream open() throws IOException;
  }

  private ImageParts.Copy send(Repository repository, String id, ImageParts.Copy copy, Source source) throws IOException {
    if (repository.has(copy.digest())) {
      progress.status(id, "Layer already exists");
      return copy;
    }
    try {
      upload(repository, id, copy, source);
    } catch (IOException e) {
      upload(repository, id, copy, source);
    }
    progress.status(id, "Pushed");
    return copy;
  }

  private void upload(Repository repository, String id, ImageParts.Copy copy, Source source) throws IOException {
    try (InputStream in = new Counted(source.open(), id, copy.sizeBytes())) {
      repository.finish(required(repository.begin(null, null)), copy.digest(), copy.sizeBytes(), in);
    }
  }

  private static URI required(@org.jspecify.annotations.Nullable URI upload) {
    if (upload == null) {
      throw new UnreachableException("the registry gave no place to send to");
    }
    return upload;
  }

  private static String shortened(ImageParts.Layer layer) {
    return layer.diffId().substring("sha256:".length(), "sha256:".length() + SHORT_ID);
  }

  private final class Counted extends FilterInputStream {
    private final String id;
    private final long size;
    private long count;

    Counted(InputStream in, String id, long size) {
      super(in);
      this.id = id;
      this.size = size;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      if (read > 0) {
        count += read;
        progress.bytes(id, "Pushing", count, size);
      }
      return read;
    }
  }
}
