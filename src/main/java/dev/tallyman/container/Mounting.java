package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.ImageHolds;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.volume.Volume;
import dev.tallyman.volume.Volumes;
import dev.tallyman.volume.Volumes.NewVolume;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Turns what is to be mounted into mount points, makes the volumes, gives empty ones what the image has. */
@Singleton
class Mounting {
  private static final String PRIVATE = "rprivate";

  private final Volumes volumes;
  private final Inventory inventory;
  private final Sandboxes sandboxes;
  private final Events events;
  private final EngineSockets engine;
  private final ImageHolds images;

  /** Anonymous volumes of containers that are not in the inventory yet. */
  private final Map<String, List<String>> made = new ConcurrentHashMap<>();

  @Inject
  Mounting(Volumes volumes, Inventory inventory, Sandboxes sandboxes, Events events, EngineSockets engine, ImageHolds images) {
    this.images = images;
    this.engine = engine;
    this.volumes = volumes;
    this.inventory = inventory;
    this.sandboxes = sandboxes;
    this.events = events;
  }

  /** One container's mount points under construction, by target; what comes later takes the place of what was there. */
  private record Draft(Caller caller, String container, Map<String, MountPoint> points) {
    void add(MountPoint point) {
      points.put(point.target(), point);
    }
  }

  /** Later ones win: those of other containers, binds, mounts; then what still has no mount gets an anonymous volume. */
  List<MountPoint> resolve(Caller caller, String container, ContainerSpec spec, Images.Image image) {
    Draft draft = new Draft(caller, container, new LinkedHashMap<>());
    gather(draft, spec, image);
    requireFew(draft);
    return List.copyOf(draft.points.values());
  }

  private void gather(Draft draft, ContainerSpec spec, Images.Image image) {
    MountOptions options = spec.mounts();
    options.volumesFrom().forEach(each -> addFrom(draft, MountRules.from(each)));
    options.binds().forEach(each -> draft.add(bind(draft, BindText.parse(each), options.volumeDriver())));
    options.mounts().forEach(each -> draft.add(wish(draft, each)));
    List<String> anonymous = new ArrayList<>(options.volumes());
    anonymous.addAll(options.isWithoutImages() ? List.of() : image.config().volumes());
    for (String each : anonymous) {
      String target = MountRules.target(each, each);
      if (!draft.points.containsKey(target) && spec.tmpfs().keySet().stream().map(MountRules::clean).noneMatch(target::equals)) {
        draft.add(volume(anonymous(draft, new NewVolume("", options.volumeDriver(), Map.of(), Map.of())), true, target, "", true, "", true));
      }
    }
  }

  private static void requireFew(Draft draft) {
    if (draft.points.size() > MountRules.MAX_MOUNTS) {
      throw Refusal.invalid("a container may have " + MountRules.MAX_MOUNTS + " mounts");
    }
    int layers = draft.points.values().stream().mapToInt(each -> each.image() == null ? 0 : each.image().layers().size()).sum();
    if (layers > MountRules.MAX_IMAGE_LAYERS) {
      throw Refusal.invalid("the images that a container mounts may have " + MountRules.MAX_IMAGE_LAYERS + " layers together; these have " + layers);
    }
  }

  private void addFrom(Draft draft, MountRules.From from) {
    Cell model = Refusal.named(() -> inventory.find(draft.caller, from.container()), "");
    for (MountPoint each : model.facts().plan().mounts()) {
      if (each.isVolume() && !each.name().isEmpty()) {
        volumes.use(draft.caller, NewVolume.named(each.name()), draft.container);
      }
      MountPoint seen = (from.isReadOnly() ? each.readOnly() : each).shared();
      draft.add(
          seen.isSocket() ? socket(draft, seen.source(), seen.target(), seen.mode(), seen.isWritable())
              : seen.image() != null ? imageFrom(draft, model, seen, seen.image()) : seen);
    }
  }

  private MountPoint imageFrom(Draft draft, Cell model, MountPoint seen, MountedImage image) {
    if (model.team != draft.caller.team()) {
      // An administrator's model may be another team's, whose images are not kept for this one.
      return image(draft, image.id(), seen.target(), seen.subpath());
    }
    images.hold(model.team, image.id(), draft.container);
    if (inventory.get(model.id) == null) {
      throw Refusal.absent(model.facts().name());
    }
    return seen;
  }

  private MountPoint bind(Draft draft, BindText text, String driver) {
    if (text.isVolume()) {
      Volume volume = volumes.use(draft.caller, new NewVolume(text.source(), driver, Map.of(), Map.of()), draft.container);
      return volume(volume, false, text.target(), text.mode().isEmpty() ? "z" : text.mode(), !text.isReadOnly(), "", !text.words().contains("nocopy"));
    }
    String source = MountRules.source(text.source());
    if (engine.isEngine(source)) {
      return socket(draft, source, text.target(), text.mode(), !text.isReadOnly());
    }
    return new MountPoint(
        MountPoint.BIND, null, "", source, text.target(), "", text.mode(), !text.isReadOnly(), PRIVATE, "", false, false, true, true, "");
  }

  /** The container speaks for whoever makes it, also when another one is its model. */
  private MountPoint socket(Draft draft, String source, String target, String mode, boolean isWritable) {
    engine.requireAllowed(source);
    return MountPoint.socket(source, target, mode, isWritable, draft.caller.account());
  }

  /** @param name of an image that the caller may read */
  private MountPoint image(Draft draft, String name, String target, String subpath) {
    Images.Image found = images.hold(draft.caller, name, draft.container);
    return MountPoint.image(name, new MountedImage(found.id(), found.layers()), target, subpath);
  }

  private MountPoint wish(Draft draft, MountOptions.Wish wish) {
    String target = MountRules.target(wish.target(), wish.target());
    return switch (wish.type()) {
      case MountPoint.TMPFS -> new MountPoint(MountPoint.TMPFS, null, "", "", target, "", "", !wish.isReadOnly(), "", "", false, false, false, false, tmpfsOptions(wish));
      case MountPoint.IMAGE -> image(draft, wish.source(), target, MountRules.part(wish));
      case MountPoint.BIND -> {
        String source = MountRules.source(wish.source());
        yield engine.isEngine(source)
            ? socket(draft, source, target, "", !wish.isReadOnly())
            : new MountPoint(MountPoint.BIND, null, "", source, target, "", "", !wish.isReadOnly(), PRIVATE, "", false, false, wish.isMade(), !wish.isNonRecursive(), "");
      }
      default -> {
        NewVolume asked = new NewVolume(wish.source(), wish.driver(), wish.driverOptions(), wish.labels());
        boolean isAnonymous = wish.source().isEmpty();
        Volume volume = isAnonymous ? anonymous(draft, asked) : volumes.use(draft.caller, asked, draft.container);
        yield volume(volume, isAnonymous, target, "z", !wish.isReadOnly(), MountRules.part(wish), !wish.isNotCopied());
      }
    };
  }

  private static String tmpfsOptions(MountOptions.Wish wish) {
    List<String> options = new ArrayList<>(wish.tmpfsOptions());
    if (wish.isReadOnly()) {
      options.add("ro");
    }
    if (wish.tmpfsBytes() > 0) {
      options.add("size=" + wish.tmpfsBytes());
    }
    if (wish.tmpfsMode() > 0) {
      options.add("mode=" + Integer.toOctalString(wish.tmpfsMode()));
    }
    return String.join(",", options);
  }

  private Volume anonymous(Draft draft, NewVolume asked) {
    Volume volume = volumes.use(draft.caller, asked, draft.container);
    made.computeIfAbsent(draft.container, absent -> new ArrayList<>()).add(volume.id());
    return volume;
  }

  /** @param isAnonymous of this container: another one's that is mounted by its name is not removed with it */
  private MountPoint volume(Volume volume, boolean isAnonymous, String target, String mode, boolean isWritable, String subpath, boolean isCopied) {
    Map<String, String> options = volume.options();
    boolean isInMemory = options.getOrDefault("type", "").equals(MountPoint.TMPFS);
    if (!subpath.isEmpty() && !volume.isStored()) {
      throw Refusal.invalid("invalid mount config for type \"volume\": a volume with options of its driver has no subpath");
    }
    String given = options.getOrDefault("o", "");
    boolean isReadOnly = List.of(given.split(",")).contains("ro");
    return new MountPoint(
        MountPoint.VOLUME, volume.id(), volume.name(), volume.isStored() || isInMemory ? volumes.mountpoint(volume) : MountRules.source(volumes.mountpoint(volume)), target,
        volume.driver(), mode, isWritable && !isReadOnly, "", subpath, isAnonymous, isCopied && volume.isStored() && subpath.isEmpty(), false,
        !volume.isStored() && !isInMemory, isInMemory ? inMemory(given, isWritable) : "");
  }

  /** Never empty: that is what tells such a volume from others. */
  private static String inMemory(String given, boolean isWritable) {
    String options = given.isEmpty() ? "exec" : "exec," + given;
    return isWritable ? options : options + ",ro";
  }

  /** Fills the empty ones. Until the first start, since a crash may have come in between. */
  void fill(Facts facts) {
    for (MountPoint each : facts.plan().mounts()) {
      if (each.isCopied() && each.volumeId() != null && volumes.isEmpty(each.volumeId()) && hasDirectory(facts, each.target())) {
        volumes.fill(each.volumeId(), out -> sandboxes.get(facts.id(), facts.plan().layers(), each.target() + "/.", false, row -> {}, out));
      }
    }
  }

  private boolean hasDirectory(Facts facts, String path) {
    try {
      return sandboxes.stat(facts.id(), facts.plan().layers(), path + "/.").isDirectory();
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND || e.kind() == ErrorKind.INVALID) {
        return false;
      }
      throw e;
    }
  }

  /** The container is in the inventory now, or will never be. */
  void settled(String container) {
    volumes.release(container);
    images.release(container);
    made.remove(container);
  }

  /** The container will never be: the anonymous volumes that were made for it go. */
  void undo(Caller caller, String container, RuntimeException cause) {
    List<String> gone = List.copyOf(made.getOrDefault(container, List.of()));
    settled(container); // what nobody has now can go
    for (String each : gone) {
      try {
        volumes.removeWithContainer(caller, each);
      } catch (RuntimeException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /** Volumes that were made for a container which is gone. */
  void removeAnonymous(Caller caller, List<MountPoint> mounts) {
    for (MountPoint each : mounts) {
      if (each.isAnonymous() && each.volumeId() != null) {
        volumes.removeWithContainer(caller, each.volumeId());
      }
    }
  }

  void publish(Caller caller, Facts facts, boolean isMounted) {
    for (MountPoint each : facts.plan().mounts()) {
      if (each.isVolume()) {
        Map<String, String> attributes =
            isMounted
                ? Map.of("container", facts.id(), "destination", each.target(), "driver", each.driver(), "propagation", "", "read/write", String.valueOf(each.isWritable()))
                : Map.of("container", facts.id(), "driver", each.driver());
        events.publish(new Event(caller, "volume", isMounted ? "mount" : "unmount", each.name(), facts.team(), attributes, Instant.now()));
      }
    }
  }

  static Volumes.Users.@Nullable User user(Cell cell, String volumeId) {
    return cell.facts().plan().mounts().stream()
        .filter(each -> volumeId.equals(each.volumeId()))
        .findFirst()
        .map(each -> new Volumes.Users.User(cell.id, cell.facts().name(), each.target(), cell.state().isAlive()))
        .orElse(null);
  }
}
