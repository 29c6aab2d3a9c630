package dev.tallyman.system;

import dev.tallyman.container.ContainerSizes.Size;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.system.DiskUsage.ContainerUse;
import dev.tallyman.system.DiskUsage.FileSystem;
import dev.tallyman.system.DiskUsage.ImageUse;
import dev.tallyman.system.DiskUsage.Kind;
import dev.tallyman.system.DiskUsage.Stored;
import dev.tallyman.system.DiskUsage.VolumeUse;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

@Path("/api/v1/system/disk")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "System")
class DiskResource {
  private final DiskUsage usage;
  private final Images images;
  private final CurrentCaller caller;

  @Inject
  DiskResource(DiskUsage usage, Images images, CurrentCaller caller) {
    this.usage = usage;
    this.images = images;
    this.caller = caller;
  }

  /** @param fileSystem for administrators only; @param items absent unless verbose */
  record Disk(@Nullable FileSystem fileSystem, Total images, Total containers, Total volumes, @Nullable Items items) {}

  /** @param active in use: images that a container has, containers that run, volumes that a container has; @param reclaimableBytes what pruning all unused ones gives back */
  record Total(int count, long active, long bytes, long reclaimableBytes) {}

  record Items(List<ImageItem> images, List<ContainerItem> containers, List<VolumeItem> volumes) {}

  /** @param sharedBytes of layers that another image has too */
  record ImageItem(String id, List<String> tags, long bytes, long sharedBytes, long uniqueBytes, long containers, boolean isUnused) {}

  /** @param writableBytes files that it wrote; absent if they could not be measured; @param wholeBytes these and its image's */
  record ContainerItem(String id, String name, String image, String state, @Nullable Long writableBytes, @Nullable Long wholeBytes) {}

  /** @param bytes absent if its files are not in the store */
  record VolumeItem(String name, boolean isAnonymous, @Nullable Long bytes, int containers) {}

  @GET
  @Operation(
      summary = "What images, containers and volumes take up, and what of it could be given back",
      description = "Measured when asked. A layer that several images have counts once. Everything that the caller sees; administrators see the file system too.")
  public Disk disk(@Parameter(description = "true = also each image, container and volume") @QueryParam("verbose") @DefaultValue("false") boolean isVerbose) {
    Caller who = caller.get();
    Stored stored = usage.stored(who, EnumSet.allOf(Kind.class));
    Set<String> unused = new HashSet<>(images.prunable(who, false));
    return new Disk(
        who.role().includes(Role.ADMINISTRATOR) ? usage.fileSystem(who) : null,
        new Total(stored.images().size(), stored.images().stream().filter(each -> each.containers() > 0).count(), stored.layersBytes(), images.reclaimable(who, unused)),
        new Total(
            stored.containers().size(), stored.containers().stream().filter(each -> each.container().state().isAlive()).count(),
            stored.containers().stream().mapToLong(ContainerUse::writtenBytes).sum(),
            stored.containers().stream().filter(each -> each.isPrunable(who)).mapToLong(ContainerUse::writtenBytes).sum()),
        new Total(
            stored.volumes().size(), stored.volumes().stream().filter(each -> each.containers() > 0).count(), stored.volumes().stream().mapToLong(VolumeUse::storedBytes).sum(),
            stored.volumes().stream().filter(each -> each.containers() == 0).mapToLong(VolumeUse::storedBytes).sum()),
        isVerbose ? items(stored, unused) : null);
  }

  private static Items items(Stored stored, Set<String> unused) {
    return new Items(
        stored.images().stream().map(each -> item(each, unused)).toList(),
        stored.containers().stream().map(DiskResource::item).toList(),
        stored.volumes().stream().map(each -> new VolumeItem(each.volume().name(), each.volume().isAnonymous(), each.bytes() < 0 ? null : Long.valueOf(each.bytes()), each.containers())).toList());
  }

  private static ImageItem item(ImageUse use, Set<String> unused) {
    return new ImageItem(
        use.image().id(), use.image().tags(), use.image().sizeBytes(), use.sharedBytes(), use.uniqueBytes(), use.containers(), unused.contains(use.image().id()));
  }

  private static ContainerItem item(ContainerUse use) {
    Size size = use.size() == null || !use.isMeasured() ? null : use.size();
    return new ContainerItem(
        use.container().id(), use.container().name(), use.container().image(), use.container().state().word(), size == null ? null : Long.valueOf(size.writableBytes()),
        size == null ? null : Long.valueOf(size.wholeBytes()));
  }
}
