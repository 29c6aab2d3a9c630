package dev.tallyman.container;

import dev.tallyman.kernel.Mount;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something mounted in a container; fixed at creation and stored as JSON.
 *
 * @param type volume, bind, tmpfs, image, or socket: that of the Engine API, which Docker shows as a bind
 * @param volumeId of a volume; absent for others
 * @param name of the volume, or of the image as given; empty for others
 * @param source as Docker shows it: where the files are on the host; of an image its id, since the host has no place where its layers are one
 * @param target absolute path in the container
 * @param mode Docker's texts, as given: {@code ro}, {@code z} …
 * @param subpath in the volume or image; empty = all of it
 * @param isAnonymous the volume was made for this container
 * @param isCopied an empty volume gets what the image has there
 * @param isMade a bind's directory is made where nothing is; isRecursive with what is mounted below it
 * @param options of a tmpfs
 * @param account of a socket: for whom the container's programs speak; 0 for others
 * @param image absent for all but images
 */
public record MountPoint(
    String type, @Nullable String volumeId, String name, String source, String target, String driver, String mode, boolean isWritable, String propagation, String subpath,
    boolean isAnonymous, boolean isCopied, boolean isMade, boolean isRecursive, String options, long account, @Nullable MountedImage image) {
  static final String VOLUME = "volume";
  static final String BIND = "bind";
  static final String TMPFS = "tmpfs";
  static final String SOCKET = "socket";
  static final String IMAGE = "image";

  MountPoint(
      String type, @Nullable String volumeId, String name, String source, String target, String driver, String mode, boolean isWritable, String propagation, String subpath,
      boolean isAnonymous, boolean isCopied, boolean isMade, boolean isRecursive, String options) {
    this(type, volumeId, name, source, target, driver, mode, isWritable, propagation, subpath, isAnonymous, isCopied, isMade, isRecursive, options, 0, null);
  }

  static MountPoint socket(String source, String target, String mode, boolean isWritable, long account) {
    return new MountPoint(SOCKET, null, "", source, target, "", mode, isWritable, "rprivate", "", false, false, false, false, "", account, null);
  }

  static MountPoint image(String name, MountedImage image, String target, String subpath) {
    return new MountPoint(IMAGE, null, name, image.id(), target, "", "", false, "rprivate", subpath, false, false, false, false, "", 0, image);
  }

  boolean isVolume() {
    return type.equals(VOLUME);
  }

  MountPoint readOnly() {
    return new MountPoint(type, volumeId, name, source, target, driver, mode, false, propagation, subpath, isAnonymous, isCopied, isMade, isRecursive, options, account, image);
  }

  /** As another container sees it: what its image has at that place is not for a volume that has an owner. */
  MountPoint shared() {
    return new MountPoint(type, volumeId, name, source, target, driver, mode, isWritable, propagation, subpath, isAnonymous, false, isMade, isRecursive, options, account, image);
  }

  /** For people: where the kernel has the layers of an image is nothing to them. */
  MountPoint shown() {
    return image == null ? this : image(name, new MountedImage(image.id(), List.of()), target, subpath);
  }

  boolean isSocket() {
    return type.equals(SOCKET);
  }

  /** Whether it shows files of that image. */
  boolean isOf(String imageId) {
    return image != null && image.id().equals(imageId);
  }

  /** The name that Docker's clients know for the type. */
  public String dockerType() {
    return isSocket() ? BIND : type;
  }

  /** For the kernel: files of volumes and images, and directories of the host; a volume in memory is a tmpfs and has options. */
  static List<Mount> kernelMounts(List<MountPoint> all) {
    List<Mount> mounts = new ArrayList<>();
    for (MountPoint each : all) {
      if (each.isVolume() && each.options.isEmpty() && each.volumeId != null && !each.isRecursive) {
        mounts.add(Mount.ofVolume(each.volumeId, each.subpath, each.target, !each.isWritable));
      } else if (each.type.equals(BIND) || (each.isVolume() && each.isRecursive)) {
        mounts.add(Mount.ofBind(each.source, each.target, !each.isWritable, each.isMade, each.isRecursive));
      } else if (each.image != null) {
        mounts.add(Mount.ofImage(each.image.layers(), each.subpath, each.target));
      }
    }
    return mounts;
  }

  /** The container's socket at its places; not among the others, as there is none while it does not run. */
  static List<Mount> sockets(String container, List<MountPoint> all) {
    return all.stream().filter(MountPoint::isSocket).map(each -> Mount.ofSocket(container, each.target, !each.isWritable)).toList();
  }

  /** The others, as the kernel part takes them: {@code /path[:options]}. */
  static List<String> tmpfs(List<MountPoint> all) {
    return all.stream()
        .filter(each -> each.type.equals(TMPFS) || (each.isVolume() && !each.options.isEmpty()))
        .map(each -> each.target + (each.options.isEmpty() || each.options.equals(TMPFS) ? "" : ":" + each.options))
        .toList();
  }
}
