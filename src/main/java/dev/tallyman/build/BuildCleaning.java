package dev.tallyman.build;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.VolumeFolders;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jboss.logging.Logger;

/** Removes what builds left that a server's death cut off, and closes their records. */
@ApplicationScoped
class BuildCleaning {
  private static final Logger LOG = Logger.getLogger(BuildCleaning.class);
  /** A Dockerfile has at most 10,000 instructions, each with two benches. */
  private static final int MOST_BENCHES = 20_000;

  private final BuildRecordService records;
  private final Sandboxes sandboxes;
  private final Containers containers;
  private final FolderStore folderStore;
  private final VolumeFolders folders;

  @Inject
  BuildCleaning(BuildRecordService records, Sandboxes sandboxes, Containers containers, FolderStore folderStore, VolumeFolders folders) {
    this.folderStore = folderStore;
    this.folders = folders;
    this.records = records;
    this.sandboxes = sandboxes;
    this.containers = containers;
  }

  /** Before volumes are compared with the inventory. */
  void removeFolders(@Observes @Priority(1590) StartupEvent start) {
    try {
      List<FolderStore.Row> rows = QuarkusTransaction.requiringNew().call(folderStore::all);
      Set<String> found = rows.isEmpty() ? Set.of() : Set.copyOf(folders.list());
      for (FolderStore.Row row : rows) {
        if (!row.isCache()) {
          folders.remove(row.id());
        }
        if (!row.isCache() || !found.contains(row.id())) {
          folderStore.delete(row.id());
        }
      }
    } catch (TallymanException e) {
      LOG.errorf("files that unfinished builds had mounted stay for now: %s", e.getMessage());
    }
  }

  /** Before the reconciler, which would show them as orphans. */
  void removeBenches(@Observes @Priority(1900) StartupEvent start) {
    List<BuildRecordStore.Unfinished> left = records.unfinished();
    if (left.isEmpty()) {
      return;
    }
    try {
      Set<String> known = sandboxes.list().stream().map(Sandboxes.Known::container).collect(Collectors.toSet());
      for (BuildRecordStore.Unfinished each : left) {
        IntStream.range(0, MOST_BENCHES).mapToObj(i -> Build.benchId(each.build().id(), i)).filter(known::contains).forEach(sandboxes::remove);
      }
    } catch (TallymanException e) {
      LOG.errorf("what unfinished builds left in the kernel's store stays for now: %s", e.getMessage());
    }
  }

  /** After the reconciler, which knows them by then. */
  void removeContainers(@Observes @Priority(2500) StartupEvent start) {
    for (BuildRecordStore.Unfinished each : records.unfinished()) {
      Caller system = Caller.system(each.team(), each.teamName());
      List<Container> left = containers.list(system, new ContainerFilter(true, false, 0, Map.of("label", List.of(RunContainers.LABEL + "=" + each.build().id()))));
      try {
        left.stream().filter(container -> container.team() == each.team()).forEach(container -> containers.remove(system, container.id(), true, true));
        records.interrupted(each);
      } catch (TallymanException e) {
        LOG.errorf("containers of an unfinished build stay for now: %s", e.getMessage());
      }
    }
    records.tidy();
  }
}
