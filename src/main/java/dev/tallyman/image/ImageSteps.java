package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Images made step by step, as the builder makes them. For members. Methods block. */
public interface ImageSteps {
  /** The comment of an image that was gathered. */
  String GATHERED = "layers of build steps";

  /**
   * Takes the files of a step in. A stream or an archive without entries is a step that changed no files.
   *
   * @param tar an OCI layer, plain or compressed; read to its end
   * @throws dev.tallyman.error.TallymanException INVALID for a damaged or hostile archive; EXHAUSTED at a limit
   */
  Files take(Caller caller, InputStream tar);

  /** Files that an image of the team has already. @param diffId of one of its layers. NOT_FOUND when it has none such */
  Files known(Caller caller, String image, String diffId);

  /** An image without a name that is there for its layers, not to be run. @param diffIds of layers that images of the team have; at least one */
  Images.Image gather(Caller caller, List<String> diffIds, ImageConfig config);

  /**
   * Makes one image without a name for each step, each on top of the one before; all or none.
   *
   * @param parent id of the image below the first; absent = from nothing
   * @param also runs in the same transaction, with what is returned
   * @return in the order of the steps; at least one
   */
  List<Images.Image> add(Caller caller, @Nullable String parent, List<Step> steps, Consumer<List<Images.Image>> also);

  /**
   * Gives an image its names.
   *
   * @param references name[:tag] each, checked with {@link #checkNames}
   * @param also runs in the same transaction
   */
  void name(Caller caller, String image, List<String> references, Runnable also);

  /** @return the names in short, with their tags. INVALID for what cannot be the name of a new image */
  List<String> checkNames(List<String> references);

  /** Files on disk that no image names yet; closing it takes them away unless they were added. */
  interface Files extends AutoCloseable {
    /** Bytes of the files. */
    long sizeBytes();

    @Override
    void close();
  }

  /**
   * @param files absent for a step that only changes the configuration
   * @param createdBy text for the history
   * @param createdAt absent = now
   */
  record Step(@Nullable Files files, ImageConfig config, String createdBy, String author, String comment, @Nullable Instant createdAt) {}
}
