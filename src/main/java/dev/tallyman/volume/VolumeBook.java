package dev.tallyman.volume;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.event.Event;
import dev.tallyman.event.Events;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.KernelException;
import dev.tallyman.kernel.VolumeFolders;
import dev.tallyman.unit.ByteSize;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Commits changes of volumes: a row and its audit row, or nothing; the folder before the row, and the row's end after the folder's. */
@Singleton
class VolumeBook {
  private static final Logger LOG = Logger.getLogger(VolumeBook.class);
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final String ANONYMOUS = "com.docker.volume.anonymous";

  private final VolumeStore store;
  private final VolumeFolders folders;
  private final AuditTrail audit;
  private final Events events;

  @Inject
  VolumeBook(VolumeStore store, VolumeFolders folders, AuditTrail audit, Events events) {
    this.store = store;
    this.folders = folders;
    this.audit = audit;
    this.events = events;
  }

  static <T> T inTransaction(Supplier<T> work) {
    return QuarkusTransaction.requiringNew().call(work::get);
  }

  static Volume fresh(Caller caller, Volumes.NewVolume asked) {
    byte[] id = new byte[32];
    RANDOM.nextBytes(id);
    String hex = HexFormat.of().formatHex(id);
    boolean isAnonymous = asked.name().isEmpty();
    Map<String, String> labels = new HashMap<>(asked.labels());
    if (isAnonymous) {
      labels.put(ANONYMOUS, "");
    }
    return new Volume(
        hex, isAnonymous ? hex : asked.name(), VolumeRules.LOCAL, asked.options(), labels, isAnonymous, caller.team(), caller.accountName(),
        Instant.now().truncatedTo(ChronoUnit.MICROS));
  }

  /** An empty one. */
  void makeFolder(Volume made) {
    try {
      folders.create(made.id(), made.limitBytes());
    } catch (KernelException e) {
      throw ofVolume(made, e);
    }
  }

  /** One with the files of an archive, whole or not at all. */
  void makeFolder(Volume made, InputStream tar) {
    try {
      folders.fill(made.id(), tar, made.limitBytes());
    } catch (KernelException e) {
      throw ofVolume(made, e);
    }
  }

  /** The first content of one that is empty. */
  void fill(String id, InputStream tar) {
    try {
      folders.fill(id, tar);
    } catch (KernelException e) {
      throw inTransaction(() -> store.byId(id)).map(volume -> ofVolume(volume, e)).orElse(e);
    }
  }

  /** Says of which volume the kernel part speaks, where it may be its limit that is the reason. */
  private static TallymanException ofVolume(Volume made, KernelException cause) {
    if (made.limitBytes() > 0 && cause.kind() == ErrorKind.INVALID) {
      return new TallymanException(ErrorKind.INVALID, "create " + made.name() + ": " + cause.getMessage(), cause);
    }
    if (made.limitBytes() > 0 && cause.kind() == ErrorKind.EXHAUSTED) {
      return new TallymanException(
          ErrorKind.EXHAUSTED, "create " + made.name() + ": its files take more than its size limit of " + new ByteSize(made.limitBytes()) + ", or the disk is full", cause);
    }
    return cause;
  }

  /** Its folder is on disk. */
  void commitNew(Caller caller, Volume made, String action) {
    try {
      QuarkusTransaction.requiringNew()
          .run(
              () -> {
                store.add(made);
                audit.done(caller, "volume." + action, made.name(), made.options().isEmpty() ? "" : made.options().toString());
              });
    } catch (RuntimeException e) {
      removeFolder(made.id());
      throw e;
    }
    VolumeCrashPoint.VOLUME_COMMITTED.reached();
    publish(caller, made, "create");
  }

  private void removeFolder(String id) {
    try {
      folders.remove(id);
    } catch (TallymanException e) {
      LOG.warnf("the folder of volume %s stays until the next start: %s", id, e.getMessage());
    }
  }

  private void publish(Caller caller, Volume volume, String action) {
    events.publish(new Event(caller, "volume", action, volume.name(), volume.team(), Map.of("driver", volume.driver()), Instant.now()));
  }

  /** In the caller's own team: names are unique there only. */
  Volume find(Caller caller, String name) {
    return store.find(caller.team(), name).orElseThrow(() -> new TallymanException(ErrorKind.NOT_FOUND, "get " + name + ": no such volume"));
  }

  void remove(Caller caller, Volume volume, String why) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              store.markRemoved(volume.id());
              audit.done(caller, "volume.remove", volume.name(), why);
            });
    VolumeCrashPoint.VOLUME_REMOVE_COMMITTED.reached();
    publish(caller, volume, "destroy");
    try {
      folders.remove(volume.id());
      VolumeCrashPoint.VOLUME_FOLDER_REMOVED.reached();
      QuarkusTransaction.requiringNew().run(() -> store.delete(volume.id()));
    } catch (TallymanException e) {
      LOG.errorf("the folder of the removed volume %s stays until the next start: %s", volume.name(), e.getMessage());
    }
  }

  void requireFree(Caller caller, String name) {
    if (inTransaction(() -> store.find(caller.team(), name)).isPresent()) {
      throw new TallymanException(ErrorKind.ALREADY_EXISTS, "volume name " + name + " is already in use; remove that volume or choose another name");
    }
  }

  VolumeFolders.Size sizeOf(Volume volume) {
    return volume.isStored() ? folders.size(volume.id()) : new VolumeFolders.Size(0, 0);
  }
}
