package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Images in parts: how they come from and go to a registry. Digests are texts {@code sha256:…}. */
public interface ImageParts {
  /**
   * True if an image of the caller's team has the layer. A layer of other teams does not count: whoever only knows a digest must bring the bytes.
   *
   * @param diffId of the uncompressed layer
   */
  boolean hasLayer(Caller caller, String diffId);

  /**
   * Unpacks a layer while it is read to its end.
   *
   * @param blob plain, or compressed in any way that is known
   * @throws dev.tallyman.error.TallymanException INVALID if a digest differs from what the bytes give, or the archive is damaged or hostile; EXHAUSTED at a limit
   */
  Part take(Caller caller, InputStream blob, String blobDigest, String diffId);

  /** Diff ids of a configuration, bottom first. @throws dev.tallyman.error.TallymanException INVALID for what is no configuration of an image */
  List<String> diffIds(byte[] config);

  /** The one that a configuration names. */
  Platform platform(byte[] config);

  /** The team's image with this configuration, if it has it. */
  Optional<Images.Image> find(Caller caller, String id);

  /** Makes the image visible; the parts that it names are kept. CONFLICT if a layer that was there before is gone. */
  Images.Image register(Caller caller, Arrival arrival);

  /** Remembers under which digest a repository has an image of the team. @param storedLogin as of {@link Arrival} */
  void remember(Caller caller, String image, String repository, String manifestDigest, List<Copy> copies, String storedLogin);

  /** @param image reference or id; bottom layer first */
  List<Layer> layers(Caller caller, String image);

  /** The blob of a layer; the caller closes it. */
  FileChannel open(Layer layer) throws IOException;

  /** The layer with gzip, in a temporary file that goes with its close. The same bytes give the same digest on the same Java version. */
  Compressed compress(Layer layer) throws IOException;

  /** What a repository has of a layer in a form that manifests of pushed images name, as far as is known. */
  Optional<Copy> copyIn(Layer layer, String repository);

  /** Repositories of a registry's domain that have the layer in such a form, as far as is known. */
  List<Copy> copiesAt(Layer layer, String domain);

  /** A layer on disk that no image names yet; closing it takes it away unless it was registered. */
  interface Part extends AutoCloseable {
    String diffId();

    @Override
    void close();
  }

  /** A layer's compressed bytes on their way out. */
  interface Compressed extends AutoCloseable {
    String digest();

    long sizeBytes();

    /** From the beginning; the caller closes it. */
    InputStream open() throws IOException;

    @Override
    void close();
  }

  /**
   * @param config bytes of the configuration; their digest is the image's id
   * @param layers diff ids, bottom first, each either in {@code parts} or there already
   * @param repository normalised, e.g. {@code docker.io/library/busybox}; empty: it comes from none
   * @param tag absent when it was asked for by digest
   * @param manifestDigest what {@code name@digest} shall find
   * @param storedLogin user of the account's stored log-in, if the registry was asked with it; for the trail
   */
  record Arrival(byte[] config, List<Part> parts, String repository, @Nullable String tag, String manifestDigest, List<Copy> copies, String storedLogin) {
    public Arrival {
      parts = List.copyOf(parts);
      copies = List.copyOf(copies);
    }

    /** One that comes from no repository. */
    public static Arrival nameless(byte[] config, List<Part> parts, String manifestDigest) {
      return new Arrival(config, parts, "", null, manifestDigest, List.of(), "");
    }
  }

  /** @param blobBytes size of the blob; @param isPacked with gzip or zstd, so that it can be sent as it is; @param mediaType of OCI */
  record Layer(long key, String diffId, String blobDigest, long blobBytes, boolean isPacked, String mediaType) {}

  /** The compressed form of a layer in a repository. */
  record Copy(String diffId, String repository, String digest, long sizeBytes, String mediaType) {}
}
