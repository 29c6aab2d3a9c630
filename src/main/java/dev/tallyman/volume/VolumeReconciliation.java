package dev.tallyman.volume;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.kernel.VolumeFolders;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jboss.logging.Logger;

/**
 * Brings folders and inventory together after a start: a removal that was begun is finished; an empty folder without a row is what a killed
 * creation left, and goes; one with files is shown as an orphan and left alone; a volume whose folder is gone is said to be lost and gets an
 * empty one, so that its containers start; a size limit is set again, and one that cannot be is told.
 */
@ApplicationScoped
class VolumeReconciliation {
  private static final Logger LOG = Logger.getLogger(VolumeReconciliation.class);
  private static final int AFTER_MIGRATION = 1600;

  private final VolumeStore store;
  private final VolumeFolders folders;
  private final AuditTrail audit;
  private final Instance<Volumes.OtherFolders> others;
  private final Map<String, VolumeFolders.Size> orphans = new ConcurrentSkipListMap<>();

  @Inject
  VolumeReconciliation(VolumeStore store, VolumeFolders folders, AuditTrail audit, Instance<Volumes.OtherFolders> others) {
    this.others = others;
    this.store = store;
    this.folders = folders;
    this.audit = audit;
  }

  /** A folder that no volume of the inventory has. */
  record Orphan(String id, long bytes, long count) {}

  /** Before requests come in: later a folder without a row may belong to a volume that is being made. */
  void onStart(@Observes @Priority(AFTER_MIGRATION) StartupEvent start) {
    try {
      reconcile();
    } catch (TallymanException e) {
      // Readiness tells why the kernel part does not answer; the next start tries again.
      LOG.errorf("the folders of volumes cannot be compared with the inventory; they stay as they are: %s", e.getMessage());
    }
  }

  void reconcile() {
    Set<String> found = new HashSet<>(folders.list());
    for (VolumeStore.Row row : QuarkusTransaction.requiringNew().call(store::all)) {
      Volume volume = row.volume();
      boolean isThere = found.remove(volume.id());
      if (row.isRemoved()) {
        folders.remove(volume.id());
        QuarkusTransaction.requiringNew().run(() -> store.delete(volume.id()));
        continue;
      }
      if (volume.limitBytes() > 0) {
        limit(volume);
      }
      if (!isThere) {
        LOG.errorf("the files of volume %s of team %d are gone from the disk; it is empty now", volume.name(), volume.team());
        folders.create(volume.id()); // unless it was made with its limit
      }
    }
    others.forEach(each -> found.removeAll(each.folders()));
    found.forEach(this::unknown);
  }

  /** The folders may have been brought to another file system, or theirs may be mounted with other options; then containers do without, rather than not start. */
  private void limit(Volume volume) {
    try {
      folders.create(volume.id(), volume.limitBytes());
    } catch (TallymanException e) {
      LOG.errorf("the size limit of volume %s of team %d is not kept: %s", volume.name(), volume.team(), e.getMessage());
    }
  }

  private void unknown(String id) {
    VolumeFolders.Size size = folders.size(id);
    if (size.count() == 0) {
      folders.remove(id);
      return;
    }
    LOG.warnf("folder %s is in the store of volumes, but not in the inventory; see GET /api/v1/volumes/orphans", id);
    orphans.put(id, size);
  }

  /** Administrators only. */
  List<Orphan> orphans(Caller caller) {
    caller.require(Role.ADMINISTRATOR, "list orphaned volumes");
    return orphans.entrySet().stream().map(each -> new Orphan(each.getKey(), each.getValue().bytes(), each.getValue().count())).toList();
  }

  /** NOT_FOUND if there is none of that id. */
  void removeOrphan(Caller caller, String id) {
    caller.require(Role.ADMINISTRATOR, "remove orphaned volume " + id);
    if (!orphans.containsKey(id)) {
      throw new TallymanException(ErrorKind.NOT_FOUND, "get " + id + ": no such volume");
    }
    audit.done(caller, "volume.remove", id, "an orphan");
    folders.remove(id);
    orphans.remove(id);
  }
}
