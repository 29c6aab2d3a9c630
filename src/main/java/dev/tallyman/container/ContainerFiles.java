package dev.tallyman.container;

import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.Images.Image;
import dev.tallyman.kernel.Sandboxes.Change;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The root file system of a container as a whole. Names as in {@link Containers}. Methods block. */
public interface ContainerFiles {
  /** Writes a tar of everything, image and changes merged. The stream stays open. */
  void export(Caller caller, String name, OutputStream out);

  /** What differs from the image; empty before the first start. */
  List<Change> changes(Caller caller, String name);

  /** Makes an image of the container's image and its changes. */
  Image commit(Caller caller, String name, Commit commit);

  /**
   * @param reference name[:tag]; absent = untagged
   * @param config what the image says besides what the container runs with, and instead of it
   * @param changes Dockerfile instructions, as for an import
   * @param pauses freezes a running container meanwhile, so that its files hold still
   */
  record Commit(@Nullable String reference, ImageConfig config, List<String> changes, String author, String comment, boolean pauses) {}
}
