package dev.tallyman.image;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The changes of a container on their way into an image. Without changes there is no layer, only a step in the history. */
final class CommitLayer implements AutoCloseable {
  /** Digest of a tar without entries (1,024 zero bytes). */
  static final Digest EMPTY = Digest.of(new byte[2 * TarReader.BLOCK_BYTES]);

  private final LayerIntake.@Nullable Taken taken;
  private final Digest diffId;
  private final long sizeBytes;

  private CommitLayer(LayerIntake.@Nullable Taken taken, Digest diffId, long sizeBytes) {
    this.taken = taken;
    this.diffId = diffId;
    this.sizeBytes = sizeBytes;
  }

  static CommitLayer take(LayerIntake intake, InputStream tar) {
    try {
      byte[] head = tar.readNBytes(1);
      if (head.length == 0) {
        return none();
      }
      LayerIntake.Taken taken = intake.take(new SequenceInputStream(new ByteArrayInputStream(head), tar));
      return new CommitLayer(taken, taken.diffId(), taken.unpackedBytes());
    } catch (IOException e) {
      throw ImageDocument.invalid("the changes of the container could not be read");
    }
  }

  /** A step that touches no files. */
  static CommitLayer none() {
    return new CommitLayer(null, EMPTY, 0);
  }

  /** One that is in the inventory already. */
  static CommitLayer known(Digest diffId, long sizeBytes) {
    return new CommitLayer(null, diffId, sizeBytes);
  }

  long sizeBytes() {
    return sizeBytes;
  }

  NewImage onTopOf(@Nullable ImageDocument parent, ImageConfig config, List<ImageReference> tags, Images.Origin origin, Instant at) {
    return onTopOf(parent, config, tags, new ImageDocument.Step(at, String.join(" ", config.cmd()), origin.author(), origin.comment(), isEmpty()), origin);
  }

  /** A step of a build: as with BuildKit the comment is the step's, the author the image's. */
  NewImage onTopOf(@Nullable ImageDocument parent, ImageConfig config, String createdBy, String author, String comment, Instant at) {
    return onTopOf(parent, config, List.of(), new ImageDocument.Step(at, createdBy, "", comment, isEmpty()), new Images.Origin(author, "", ""));
  }

  private boolean isEmpty() {
    return diffId.equals(EMPTY);
  }

  private NewImage onTopOf(@Nullable ImageDocument parent, ImageConfig config, List<ImageReference> tags, ImageDocument.Step step, Images.Origin origin) {
    List<Digest> below = parent == null ? List.of() : parent.diffIds();
    List<ImageDocument.Step> history = parent == null ? List.of() : parent.history();
    ImageDocument document = ImageBuilder.onTopOf(below, history, config, diffId, step, origin);
    List<NewImage.Layer> layers = new ArrayList<>();
    below.forEach(each -> layers.add(new NewImage.Layer(each, null)));
    if (!isEmpty()) {
      layers.add(new NewImage.Layer(diffId, taken));
    }
    return new NewImage(document, List.copyOf(layers), tags, parent == null ? null : parent.id().toString());
  }

  @Override
  public void close() {
    if (taken != null) {
      taken.close();
    }
  }
}
