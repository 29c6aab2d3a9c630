package dev.tallyman.system;

import dev.tallyman.container.Container;
import dev.tallyman.container.ContainerSizes;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import dev.tallyman.volume.Volumes.VolumeFilter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Asks the inventories, which say what a caller may see. */
@Singleton
class DiskUsageService implements DiskUsage {
  private final Machine machine;
  private final Images images;
  private final Containers containers;
  private final ContainerSizes sizes;
  private final Volumes volumes;

  @Inject
  DiskUsageService(Machine machine, Images images, Containers containers, ContainerSizes sizes, Volumes volumes) {
    this.machine = machine;
    this.images = images;
    this.containers = containers;
    this.sizes = sizes;
    this.volumes = volumes;
  }

  @Override
  public Stored stored(Caller caller, Set<Kind> kinds) {
    List<Image> known = kinds.contains(Kind.IMAGES) ? images.list(caller, ImageFilter.all()) : List.of();
    List<Container> all = kinds.contains(Kind.IMAGES) || kinds.contains(Kind.CONTAINERS) ? containers.list(caller, ContainerFilter.all()) : List.of();
    LayerShares shares = new LayerShares(known, known.isEmpty() ? Map.of() : images.layerSizes());
    return new Stored(
        shares.total(), imageUses(known, shares, all), kinds.contains(Kind.CONTAINERS) ? containerUses(caller, all) : List.of(),
        kinds.contains(Kind.VOLUMES) ? volumeUses(caller) : List.of());
  }

  private static List<ImageUse> imageUses(List<Image> known, LayerShares shares, List<Container> all) {
    Map<String, Long> made = all.stream().collect(Collectors.groupingBy(Container::imageId, Collectors.counting()));
    return known.stream().map(each -> new ImageUse(each, shares.shared(each), shares.unique(each), made.getOrDefault(each.id(), 0L))).toList();
  }

  private List<ContainerUse> containerUses(Caller caller, List<Container> all) {
    Map<String, ContainerSizes.Size> measured = sizes.of(caller, all);
    return all.stream().map(each -> new ContainerUse(each, measured.get(each.id()))).toList();
  }

  private List<VolumeUse> volumeUses(Caller caller) {
    return volumes.list(caller, VolumeFilter.all()).stream().flatMap(each -> use(caller, each)).toList();
  }

  /** None for one that was removed meanwhile. */
  private Stream<VolumeUse> use(Caller caller, Volume volume) {
    try {
      long bytes = volume.isStored() ? volumes.size(caller, volume.name()).bytes() : -1;
      return Stream.of(new VolumeUse(volume, bytes, volumes.users(caller, volume.name()).size()));
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return Stream.empty();
      }
      throw e;
    }
  }

  @Override
  public FileSystem fileSystem(Caller caller) {
    caller.require(Role.ADMINISTRATOR, "see the file system of the server");
    try {
      FileStore store = Files.getFileStore(Path.of(machine.rootFolder()));
      return new FileSystem(machine.rootFolder(), store.getTotalSpace(), store.getUsableSpace());
    } catch (IOException e) {
      throw new TallymanException(ErrorKind.UNAVAILABLE, "cannot ask the file system of " + machine.rootFolder() + " how full it is", e);
    }
  }
}
