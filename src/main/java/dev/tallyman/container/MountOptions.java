package dev.tallyman.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the creator of a container wants mounted; fixed at creation. Texts are Docker's; absent parts are empty.
 *
 * @param binds {@code source:/target[:options]}; a source without a slash is a volume's name
 * @param volumes targets of anonymous volumes
 * @param volumesFrom {@code container[:ro|rw]}
 * @param secrets to be files of /run/secrets
 * @param isWithoutImages what the image calls a volume stays a directory of the container
 * @param volumeDriver of volumes that are made because a bind names them
 */
public record MountOptions(List<String> binds, List<Wish> mounts, List<String> volumes, List<String> volumesFrom, String volumeDriver, List<SecretWish> secrets, boolean isWithoutImages) {
  public MountOptions {
    binds = binds == null ? List.of() : List.copyOf(binds);
    mounts = mounts == null ? List.of() : List.copyOf(mounts);
    volumes = volumes == null ? List.of() : List.copyOf(volumes);
    volumesFrom = volumesFrom == null ? List.of() : List.copyOf(volumesFrom);
    volumeDriver = volumeDriver == null ? "" : volumeDriver;
    secrets = secrets == null ? List.of() : List.copyOf(secrets); // records of earlier versions have none
  }

  public MountOptions(List<String> binds, List<Wish> mounts, List<String> volumes, List<String> volumesFrom, String volumeDriver) {
    this(binds, mounts, volumes, volumesFrom, volumeDriver, List.of());
  }

  public MountOptions(List<String> binds, List<Wish> mounts, List<String> volumes, List<String> volumesFrom, String volumeDriver, List<SecretWish> secrets) {
    this(binds, mounts, volumes, volumesFrom, volumeDriver, secrets, false);
  }

  MountOptions with(List<SecretWish> own) {
    return new MountOptions(binds, mounts, volumes, volumesFrom, volumeDriver, own, isWithoutImages);
  }

  public static MountOptions none() {
    return new MountOptions(List.of(), List.of(), List.of(), List.of(), "");
  }

  /** Nothing at all, whatever the image says. */
  public static MountOptions withoutImages() {
    return new MountOptions(List.of(), List.of(), List.of(), List.of(), "", List.of(), true);
  }

  /**
   * One entry of Docker's {@code Mounts}.
   *
   * @param type volume, bind, tmpfs or image
   * @param source a volume's name (empty = anonymous), a path of the host, or an image
   * @param propagation of a bind; empty = rprivate
   * @param isNonRecursive a bind without what is mounted below it
   * @param isMade a bind's directory is made where nothing is
   * @param isNotCopied a volume does not get what the image has there
   * @param labels of a volume that is made; driver and driverOptions likewise
   * @param subpath of a volume or an image
   * @param tmpfsBytes 0 = no limit of its own
   * @param tmpfsMode permissions; 0 = 1777
   */
  public record Wish(
      String type, String source, String target, boolean isReadOnly, String propagation, boolean isNonRecursive, boolean isMade, boolean isNotCopied, Map<String, String> labels,
      String driver, Map<String, String> driverOptions, String subpath, long tmpfsBytes, int tmpfsMode, List<String> tmpfsOptions) {
    public Wish {
      type = type == null ? "" : type;
      source = source == null ? "" : source;
      target = target == null ? "" : target;
      propagation = propagation == null ? "" : propagation;
      labels = labels == null ? Map.of() : Map.copyOf(labels);
      driver = driver == null ? "" : driver;
      driverOptions = driverOptions == null ? Map.of() : Map.copyOf(driverOptions);
      subpath = subpath == null ? "" : subpath;
      tmpfsOptions = tmpfsOptions == null ? List.of() : List.copyOf(tmpfsOptions);
    }

    /** The plainest: a volume or directory at a place. */
    public static Wish of(String type, String source, String target, boolean isReadOnly) {
      return new Wish(type, source, target, isReadOnly, "", false, false, false, Map.of(), "", Map.of(), "", 0, 0, List.of());
    }
  }

  /** @param subject for the compiler: null means none */
  static MountOptions orNone(@Nullable MountOptions subject) {
    return subject == null ? none() : subject;
  }
}
