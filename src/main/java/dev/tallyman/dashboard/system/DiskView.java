package dev.tallyman.dashboard.system;

import dev.tallyman.identity.Caller;
import dev.tallyman.system.DiskUsage.ContainerUse;
import dev.tallyman.system.DiskUsage.ImageUse;
import dev.tallyman.system.DiskUsage.Stored;
import dev.tallyman.system.DiskUsage.VolumeUse;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is stored, the biggest first.
 *
 * @param anonymous volumes that nobody gave a name and no container has; unused all volumes that no container has
 */
record DiskView(
    List<ImageUse> images, long imageBytes, Going dangling, Going unusedImages, Set<String> unusedIds, List<ContainerUse> containers, Going stopped, Set<String> stoppedIds, List<VolumeUse> volumes, Going anonymous,
    Going unusedVolumes) {
  /** Rows of a table; a page with more is of no use to anybody. */
  private static final int SHOWN = 200;

  static DiskView of(Caller caller, Stored stored, Going dangling, Going unusedImages) {
    List<ContainerUse> stopped = stored.containers().stream().filter(each -> each.isPrunable(caller)).toList();
    List<VolumeUse> unused = stored.volumes().stream().filter(each -> each.containers() == 0).toList();
    return new DiskView(
        stored.images().stream().sorted(Comparator.comparingLong(ImageUse::uniqueBytes).reversed()).toList(), stored.layersBytes(), dangling, unusedImages, keys(unusedImages),
        stored.containers().stream().sorted(Comparator.comparingLong(ContainerUse::writtenBytes).reversed()).toList(), goingContainers(stopped), keys(goingContainers(stopped)),
        stored.volumes().stream().sorted(Comparator.comparingLong(VolumeUse::storedBytes).reversed()).toList(), goingVolumes(unused.stream().filter(each -> each.volume().isAnonymous()).toList()),
        goingVolumes(unused));
  }

  private static Set<String> keys(Going going) {
    return going.items().stream().map(Going.Item::key).collect(Collectors.toSet());
  }

  private static Going goingContainers(List<ContainerUse> all) {
    List<ContainerUse> first = all.stream().limit(Going.MOST).toList();
    return new Going(first.stream().map(each -> new Going.Item(each.container().id(), each.container().name())).toList(), first.stream().mapToLong(ContainerUse::writtenBytes).sum());
  }

  private static Going goingVolumes(List<VolumeUse> all) {
    List<VolumeUse> first = all.stream().limit(Going.MOST).toList();
    return new Going(
        first.stream().map(each -> new Going.Item(each.volume().name(), each.volume().isAnonymous() ? each.volume().name().substring(0, 12) : each.volume().name())).toList(),
        first.stream().mapToLong(VolumeUse::storedBytes).sum());
  }

  public List<ImageUse> shownImages() {
    return images.stream().limit(SHOWN).toList();
  }

  public List<ContainerUse> shownContainers() {
    return containers.stream().limit(SHOWN).toList();
  }

  public List<VolumeUse> shownVolumes() {
    return volumes.stream().limit(SHOWN).toList();
  }

  public int hidden(List<?> all) {
    return Math.max(0, all.size() - SHOWN);
  }

  public boolean isUnused(ImageUse use) {
    return unusedIds.contains(use.image().id());
  }

  public boolean isStopped(ContainerUse use) {
    return stoppedIds.contains(use.container().id());
  }

  public long activeImages() {
    return images.stream().filter(each -> each.containers() > 0).count();
  }

  public long activeContainers() {
    return containers.stream().filter(each -> each.container().state().isAlive()).count();
  }

  public long containerBytes() {
    return containers.stream().mapToLong(ContainerUse::writtenBytes).sum();
  }

  public long activeVolumes() {
    return volumes.stream().filter(each -> each.containers() > 0).count();
  }

  public long volumeBytes() {
    return volumes.stream().mapToLong(VolumeUse::storedBytes).sum();
  }
}
