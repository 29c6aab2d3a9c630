package dev.tallyman.system;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSizes.Size;
import dev.tallyman.container.ContainerState;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images.Image;
import dev.tallyman.volume.Volume;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is stored, measured when asked: containers and volumes take milliseconds each, and longer with very many files. */
public interface DiskUsage {
  enum Kind {
    IMAGES,
    CONTAINERS,
    VOLUMES
  }

  /** What the caller sees of the given kinds; the others stay empty. */
  Stored stored(Caller caller, Set<Kind> kinds);

  /** The file system of images, containers and volumes; administrators only. DENIED to others, UNAVAILABLE when it cannot be asked. */
  FileSystem fileSystem(Caller caller);

  /** @param layersBytes of all layers of the images; one that several have counts once. 0 unless images were asked for */
  record Stored(long layersBytes, List<ImageUse> images, List<ContainerUse> containers, List<VolumeUse> volumes) {
    public Stored {
      images = List.copyOf(images);
      containers = List.copyOf(containers);
      volumes = List.copyOf(volumes);
    }
  }

  /**
   * @param sharedBytes of layers that another image of the caller's has too; uniqueBytes the others
   * @param containers made from it, whether they run or not
   */
  record ImageUse(Image image, long sharedBytes, long uniqueBytes, long containers) {}

  /** @param size absent when it went meanwhile */
  record ContainerUse(Container container, @Nullable Size size) {
    public boolean isMeasured() {
      return size != null && size.writableBytes() >= 0;
    }

    /** Files that it wrote; 0 if they could not be measured. */
    public long writtenBytes() {
      return size == null ? 0 : Math.max(0, size.writableBytes());
    }

    /** Whether a prune by the caller would take it: administrators see other teams' containers, but clean up in their own team only. */
    public boolean isPrunable(Caller caller) {
      return (container.state() == ContainerState.CREATED || container.state() == ContainerState.EXITED) && container.team() == caller.team();
    }
  }

  /** @param bytes of its files, -1 = they are not in the store; @param containers that have it */
  record VolumeUse(Volume volume, long bytes, int containers) {
    public long storedBytes() {
      return Math.max(0, bytes);
    }
  }

  /** @param freeBytes that users other than root may still take */
  record FileSystem(String folder, long bytes, long freeBytes) {}
}
