package dev.tallyman.volume;

import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.VolumeFolders;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Volumes of a team. */
public interface Volumes {
  /** Makes a volume, or answers with the one of that name. Without a name it gets one of 64 hex characters. */
  Volume create(Caller caller, NewVolume asked);

  /** NOT_FOUND: {@code get X: no such volume}. */
  Volume inspect(Caller caller, String name);

  /** Ascending by name. */
  List<Volume> list(Caller caller, VolumeFilter filter);

  /** CONFLICT with the ids of the containers that have it. @param isForced an absent one is success */
  void remove(Caller caller, String name, boolean isForced);

  /** Removes what no container has; anonymous ones only, unless the filter says {@code all=true}. */
  Pruned prune(Caller caller, VolumeFilter filter);

  /** CONFLICT while a container has it: containers find it by its name. */
  Volume rename(Caller caller, String name, String newName);

  /** A new volume with the same files, options and labels. */
  Volume copy(Caller caller, String name, String newName);

  void export(Caller caller, String name, OutputStream out);

  /** A new volume filled from a tar (plain or gzip or zstd is up to the caller: this one reads plain). */
  Volume importTar(Caller caller, NewVolume asked, InputStream tar);

  /** What its files take; zero for one whose files are not in the store. */
  VolumeFolders.Size size(Caller caller, String name);

  /** The containers of the team that have it, whether they run or not. */
  List<Users.User> users(Caller caller, String name);

  /** The same as {@link #create}, for a container that is about to be: nobody removes the volume until {@link #release}. */
  Volume use(Caller caller, NewVolume asked, String container);

  /** The container is in the inventory now, or will never be. */
  void release(String container);

  /** Whether a container may give it its first content. */
  boolean isEmpty(String id);

  /** Gives an empty volume its first content; one that is no longer empty stays as it is. @param content writes a tar */
  void fill(String id, Consumer<OutputStream> content);

  /** Removes an anonymous volume with the container that it was made for, unless another one has it too. */
  void removeWithContainer(Caller caller, String id);

  /** Where its files are on this host, as Docker's clients want to see it. */
  String mountpoint(Volume volume);

  /** @param name empty = anonymous */
  record NewVolume(String name, String driver, Map<String, String> options, Map<String, String> labels) {
    public static NewVolume named(String name) {
      return limited(name, "");
    }

    /** @param size what its files and folders may take on disk; empty = as much as there is */
    public static NewVolume limited(String name, String size) {
      return new NewVolume(name, "", size.isEmpty() ? Map.of() : Map.of("size", size), Map.of());
    }
  }

  /** Docker's filters: dangling, driver, label, label!, name; of prune: all, label, label!. Values of one key are alternatives, labels must all match. */
  record VolumeFilter(Map<String, List<String>> matches) {
    public static VolumeFilter all() {
      return new VolumeFilter(Map.of());
    }
  }

  record Pruned(List<String> removed, long reclaimedBytes) {}

  /** Folders of the store that are no volumes; implemented by whoever keeps files there, too. */
  interface OtherFolders {
    /** Ids of all that there are. */
    Set<String> folders();
  }

  /** Who has a volume; implemented by the container inventory. */
  interface Users {
    /** Containers that are not removed and have the volume among their mounts. */
    List<User> usersOfVolume(String volumeId);

    /** @param target where it is in the container; absent for one that only names it */
    record User(String containerId, String name, @Nullable String target, boolean isRunning) {}
  }
}
