package dev.tallyman.dashboard.system;

import dev.tallyman.build.Builds;
import dev.tallyman.container.Containers;
import dev.tallyman.dashboard.Answers;
import dev.tallyman.dashboard.Page;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.system.DiskUsage;
import dev.tallyman.system.DiskUsage.Kind;
import dev.tallyman.unit.ByteSize;
import dev.tallyman.volume.Volumes;
import dev.tallyman.web.CurrentCaller;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestForm;
import org.jspecify.annotations.Nullable;

/** Removes exactly what the page asked about: what has got a user meanwhile stays, what is gone is none of ours. */
@Page
@Blocking
@Path("/ui/system/prune")
public class SystemActions {
  private static final String PAGE = "/ui/system";

  private final Images images;
  private final Containers containers;
  private final Volumes volumes;
  private final Builds builds;
  private final DiskUsage usage;
  private final CurrentCaller caller;
  private final Answers answers;

  @Inject
  SystemActions(Images images, Containers containers, Volumes volumes, Builds builds, DiskUsage usage, CurrentCaller caller, Answers answers) {
    this.images = images;
    this.containers = containers;
    this.volumes = volumes;
    this.builds = builds;
    this.usage = usage;
    this.caller = caller;
    this.answers = answers;
  }

  @POST
  @Path("images")
  public Response pruneImages(@RestForm @Nullable String names) {
    return answers.attempt(
        PAGE,
        () -> {
          Set<String> asked = words(names);
          Images.Pruned pruned = images.prune(caller.get(), asked);
          return told(pruned.removals().stream().map(Images.Removal::deleted).filter(asked::contains).count(), asked, pruned.reclaimedBytes());
        });
  }

  @POST
  @Path("containers")
  public Response pruneContainers(@RestForm @Nullable String names) {
    return answers.attempt(
        PAGE,
        () -> {
          Caller who = caller.get();
          who.require(Role.MEMBER, "prune containers");
          Set<String> asked = words(names);
          Map<String, Long> sizes =
              usage.stored(who, Set.of(Kind.CONTAINERS)).containers().stream()
                  .filter(each -> asked.contains(each.container().id()) && each.isPrunable(who))
                  .collect(Collectors.toMap(each -> each.container().id(), DiskUsage.ContainerUse::writtenBytes));
          return removed(asked, sizes, id -> containers.remove(who, id, false, false));
        });
  }

  @POST
  @Path("volumes")
  public Response pruneVolumes(@RestForm @Nullable String names) {
    return answers.attempt(
        PAGE,
        () -> {
          Caller who = caller.get();
          who.require(Role.MEMBER, "prune volumes");
          Set<String> asked = words(names);
          Map<String, Long> sizes =
              usage.stored(who, Set.of(Kind.VOLUMES)).volumes().stream()
                  .filter(each -> asked.contains(each.volume().name()))
                  .collect(Collectors.toMap(each -> each.volume().name(), DiskUsage.VolumeUse::storedBytes));
          return removed(asked, sizes, name -> volumes.remove(who, name, false));
        });
  }

  /** @param before when the page was made: what a build has used since stays */
  @POST
  @Path("cache")
  public Response pruneCache(@RestForm @Nullable String before) {
    return answers.attempt(
        PAGE,
        () -> {
          Builds.Pruned pruned = builds.prune(caller.get(), false, time(before), 0);
          return answers.texts(SystemTexts.class).prunedCache(pruned.ids().size(), new ByteSize(pruned.bytes()).toString());
        });
  }

  private static Instant time(@Nullable String given) {
    try {
      return Instant.parse(given == null ? "" : given);
    } catch (DateTimeParseException e) {
      throw new TallymanException(ErrorKind.INVALID, "the form does not say when its page was made; open the page again", e);
    }
  }

  /** @param sizes of those that are there still */
  private String removed(Set<String> asked, Map<String, Long> sizes, Consumer<String> removal) {
    Map<String, Long> gone = sizes.entrySet().stream().filter(each -> isRemoved(each.getKey(), removal)).collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    return told(gone.size(), asked, gone.values().stream().mapToLong(Long::longValue).sum());
  }

  private static boolean isRemoved(String name, Consumer<String> removal) {
    try {
      removal.accept(name);
      return true;
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.CONFLICT || e.kind() == ErrorKind.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private String told(long removed, Set<String> asked, long bytes) {
    return answers.texts(SystemTexts.class).pruned(removed, asked.size(), new ByteSize(bytes).toString());
  }

  private static Set<String> words(@Nullable String typed) {
    return Stream.of((typed == null ? "" : typed).split("\\s+")).filter(each -> !each.isEmpty()).collect(Collectors.toSet());
  }
}
