package dev.tallyman.volume;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.KernelConfig;
import dev.tallyman.kernel.VolumeFolders;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Use cases of volumes: rights, names, folder before row and row before folder, audit and events. */
@ApplicationScoped
class VolumeService implements Volumes {
  private final VolumeBook book;
  private final VolumeStore store;
  private final VolumeFolders folders;
  private final AuditTrail audit;
  private final Events events;
  private final Instance<Users> users;
  private final KernelConfig config;

  /** Volumes of containers that are being made. */
  private final Map<String, Set<String>> claims = new ConcurrentHashMap<>();

  /** Names are taken and volumes are found unused one after the other. */
  private final ReentrantLock changes = new ReentrantLock();

  @Inject
  VolumeService(VolumeBook book, VolumeStore store, VolumeFolders folders, AuditTrail audit, Events events, Instance<Users> users, KernelConfig config) {
    this.book = book;
    this.store = store;
    this.folders = folders;
    this.audit = audit;
    this.events = events;
    this.users = users;
    this.config = config;
  }

  private <T> T change(Caller caller, String action, String name, Supplier<T> work) {
    try {
      caller.require(Role.MEMBER, action + " volume " + name);
      return locked(work);
    } catch (TallymanException e) {
      audit.failed(caller, "volume." + action, name, e);
      throw e;
    }
  }

  private <T> T locked(Supplier<T> work) {
    changes.lock();
    try {
      return work.get();
    } finally {
      changes.unlock();
    }
  }

  @Override
  public Volume create(Caller caller, NewVolume asked) {
    return change(caller, "create", asked.name(), () -> createLocked(caller, asked));
  }

  private Volume createLocked(Caller caller, NewVolume asked) {
    VolumeRules.check(asked);
    Volume known = asked.name().isEmpty() ? null : VolumeBook.inTransaction(() -> store.find(caller.team(), asked.name()).orElse(null));
    if (known != null) {
      return known;
    }
    Volume made = VolumeBook.fresh(caller, asked);
    book.makeFolder(made);
    VolumeCrashPoint.VOLUME_FOLDER_MADE.reached();
    book.commitNew(caller, made, "create");
    return made;
  }

  @Override
  public Volume inspect(Caller caller, String name) {
    return VolumeBook.inTransaction(() -> book.find(caller, name));
  }

  @Override
  public List<Volume> list(Caller caller, VolumeFilter filter) {
    if (filter.matches().containsKey("all")) {
      throw VolumeRules.invalid("invalid filter 'all'");
    }
    Predicate<Volume> matching = VolumeFilters.of(filter, this::isUsed);
    return VolumeBook.inTransaction(() -> store.living(caller.team())).stream().filter(matching).toList();
  }

  private List<Users.User> usersOf(Volume volume) {
    List<Users.User> found = new ArrayList<>(users.stream().flatMap(each -> each.usersOfVolume(volume.id()).stream()).toList());
    claims.forEach(
        (container, claimed) -> {
          if (claimed.contains(volume.id()) && found.stream().noneMatch(each -> each.containerId().equals(container))) {
            found.add(new Users.User(container, "", null, false));
          }
        });
    return found;
  }

  private boolean isUsed(Volume volume) {
    return !usersOf(volume).isEmpty();
  }

  @Override
  public void remove(Caller caller, String name, boolean isForced) {
    change(
        caller, "remove", name,
        () -> {
          Volume volume = VolumeBook.inTransaction(() -> store.find(caller.team(), name).orElse(null));
          if (volume == null) {
            if (isForced) {
              return false;
            }
            throw new TallymanException(ErrorKind.NOT_FOUND, "get " + name + ": no such volume");
          }
          requireUnused(volume, "remove");
          book.remove(caller, volume, "");
          return true;
        });
  }

  private void requireUnused(Volume volume, String attempted) {
    List<String> holders = usersOf(volume).stream().map(Users.User::containerId).distinct().toList();
    if (!holders.isEmpty()) {
      throw new TallymanException(ErrorKind.CONFLICT, attempted + " " + volume.name() + ": volume is in use - [" + String.join(", ", holders) + "]");
    }
  }

  @Override
  public Pruned prune(Caller caller, VolumeFilter filter) {
    return change(
        caller, "prune", "volumes",
        () -> {
          Map<String, List<String>> matches = new HashMap<>(filter.matches());
          matches.keySet().stream().filter(key -> !List.of("all", "label", "label!").contains(key)).findFirst().ifPresent(key -> {
            throw VolumeRules.invalid("invalid filter '" + key + "'");
          });
          matches.putIfAbsent("all", List.of("false"));
          Predicate<Volume> matching = VolumeFilters.of(new VolumeFilter(matches), this::isUsed);
          return pruneLocked(caller, VolumeBook.inTransaction(() -> store.living(caller.team())).stream().filter(matching).filter(each -> !isUsed(each)).toList());
        });
  }

  private Pruned pruneLocked(Caller caller, List<Volume> unused) {
    List<String> removed = new ArrayList<>();
    long bytes = 0;
    for (Volume each : unused) {
      bytes += book.sizeOf(each).bytes();
      book.remove(caller, each, "pruned");
      removed.add(each.name());
    }
    if (!removed.isEmpty()) {
      events.publish(new Event(caller, "volume", "prune", "", caller.team(), Map.of("reclaimed", String.valueOf(bytes)), Instant.now()));
    }
    return new Pruned(removed, bytes);
  }

  @Override
  public Volume rename(Caller caller, String name, String newName) {
    return change(
        caller, "rename", name,
        () -> {
          VolumeRules.checkName(newName);
          Volume volume = inspect(caller, name);
          requireUnused(volume, "rename");
          book.requireFree(caller, newName);
          QuarkusTransaction.requiringNew()
              .run(
                  () -> {
                    store.rename(volume.id(), newName);
                    audit.done(caller, "volume.rename", name, "to " + newName);
                  });
          return inspect(caller, newName);
        });
  }

  @Override
  public Volume copy(Caller caller, String name, String newName) {
    return change(
        caller, "clone", name,
        () -> {
          VolumeRules.checkName(newName);
          Volume from = inspect(caller, name);
          book.requireFree(caller, newName);
          Volume made = VolumeBook.fresh(caller, new NewVolume(newName, from.driver(), from.options(), from.labels()));
          if (from.isStored()) {
            try (FilePipe pipe = FilePipe.open(out -> folders.export(from.id(), out))) {
              book.makeFolder(made, pipe);
            }
          } else {
            book.makeFolder(made);
          }
          book.commitNew(caller, made, "clone");
          return made;
        });
  }

  @Override
  public void export(Caller caller, String name, OutputStream out) {
    caller.require(Role.MEMBER, "export volume " + name);
    Volume volume = inspect(caller, name);
    requireStored(volume);
    audit.done(caller, "volume.export", name, "");
    folders.export(volume.id(), out);
  }

  private static void requireStored(Volume volume) {
    if (!volume.isStored()) {
      throw VolumeRules.invalid("the files of volume " + volume.name() + " are not in the store: it has options of its driver");
    }
  }

  @Override
  public Volume importTar(Caller caller, NewVolume asked, InputStream tar) {
    return change(
        caller, "import", asked.name(),
        () -> {
          VolumeRules.check(asked);
          VolumeRules.checkName(asked.name());
          book.requireFree(caller, asked.name());
          Volume made = VolumeBook.fresh(caller, asked);
          requireStored(made);
          book.makeFolder(made, tar);
          VolumeCrashPoint.VOLUME_FOLDER_MADE.reached();
          book.commitNew(caller, made, "import");
          return made;
        });
  }

  @Override
  public VolumeFolders.Size size(Caller caller, String name) {
    return book.sizeOf(inspect(caller, name));
  }

  @Override
  public List<Users.User> users(Caller caller, String name) {
    return usersOf(inspect(caller, name));
  }

  @Override
  public Volume use(Caller caller, NewVolume asked, String container) {
    return change(
        caller, "create", asked.name(),
        () -> {
          Volume volume = createLocked(caller, asked);
          claims.computeIfAbsent(container, absent -> ConcurrentHashMap.newKeySet()).add(volume.id());
          return volume;
        });
  }

  @Override
  public void release(String container) {
    claims.remove(container);
  }

  @Override
  public boolean isEmpty(String id) {
    return folders.isEmpty(id);
  }

  @Override
  public void fill(String id, Consumer<OutputStream> content) {
    try (FilePipe pipe = FilePipe.open(content)) {
      book.fill(id, pipe);
    } catch (TallymanException e) {
      // Another container was faster with the same volume.
      if (e.kind() != ErrorKind.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  @Override
  public void removeWithContainer(Caller caller, String id) {
    locked(
        () -> {
          Volume volume = VolumeBook.inTransaction(() -> store.byId(id).orElse(null));
          if (volume != null && volume.isAnonymous() && !isUsed(volume)) {
            book.remove(caller, volume, "with its container");
          }
          return true;
        });
  }

  @Override
  public String mountpoint(Volume volume) {
    return volume.isStored() ? config.state().resolve("kernel/volumes").resolve(volume.id()).resolve("data").toString() : volume.options().getOrDefault("device", "");
  }
}
