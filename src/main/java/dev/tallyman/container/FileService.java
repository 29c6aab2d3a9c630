package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.ConfigChanges;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.ImageReference;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.kernel.FilePipe;
import dev.tallyman.kernel.Sandboxes;
import dev.tallyman.kernel.Sandboxes.Change;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads root file systems through the kernel; the server itself can never walk into them. */
@Singleton
class FileService implements ContainerFiles {
  private final Inventory inventory;
  private final Sandboxes sandboxes;
  private final Images images;
  private final WaitingThreads threads;
  private final ContainerEvents events;
  private final WorkingFolder workingFolder;

  @Inject
  FileService(Inventory inventory, Sandboxes sandboxes, Images images, WaitingThreads threads, ContainerEvents events, WorkingFolder workingFolder) {
    this.inventory = inventory;
    this.sandboxes = sandboxes;
    this.images = images;
    this.threads = threads;
    this.events = events;
    this.workingFolder = workingFolder;
  }

  @Override
  public void export(Caller caller, String name, OutputStream out) {
    caller.require(Role.MEMBER, "export container " + name);
    Facts facts = prepared(inventory.find(caller, name));
    sandboxes.export(facts.id(), facts.plan().layers(), out);
    events.publish(caller, facts, "export");
  }

  /** Without a first start there is no writable layer, unless files were copied into it. */
  private Facts prepared(Cell cell) {
    if (cell.facts().status().startedAt() == null) {
      cell.locked(
          () -> {
            cell.requirePresent();
            sandboxes.prepare(cell.id);
          });
      workingFolder.ensure(cell);
    }
    return cell.facts();
  }

  @Override
  public List<Change> changes(Caller caller, String name) {
    caller.require(Role.MEMBER, "see files of container " + name);
    Facts facts = prepared(inventory.find(caller, name));
    return sandboxes.changes(facts.id(), facts.plan().layers());
  }

  @Override
  public Image commit(Caller caller, String name, Commit commit) {
    caller.require(Role.MEMBER, "commit container " + name);
    Cell cell = inventory.find(caller, name);
    Facts facts = prepared(cell);
    Image parent = images.inspect(caller, facts.plan().imageId());
    ImageConfig config = ConfigChanges.apply(commit.config().orElse(config(facts, parent.config())), commit.changes());
    boolean freezes = commit.pauses() && facts.state() == ContainerState.RUNNING;
    return freezes ? cell.locked(() -> commitFrozen(caller, cell, parent.id(), config, commit)) : commit(caller, facts, parent.id(), config, commit);
  }

  /** Under the lock: nobody pauses, unpauses or ends it in between. */
  private Image commitFrozen(Caller caller, Cell cell, String parent, ImageConfig config, Commit commit) {
    if (cell.state() != ContainerState.RUNNING) {
      return commit(caller, cell.facts(), parent, config, commit);
    }
    boolean isFrozen = wasThere(() -> sandboxes.freeze(cell.id));
    try {
      return commit(caller, cell.facts(), parent, config, commit);
    } finally {
      if (isFrozen) {
        wasThere(() -> sandboxes.thaw(cell.id));
      }
    }
  }

  /** False if the container has ended, of which the server is about to hear: then its files hold still by themselves. */
  private static boolean wasThere(Runnable call) {
    try {
      call.run();
      return true;
    } catch (TallymanException e) {
      if (e.kind() == ErrorKind.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private Image commit(Caller caller, Facts facts, String parent, ImageConfig config, Commit commit) {
    try (FilePipe layer = FilePipe.open(threads, out -> sandboxes.diff(facts.id(), facts.plan().layers(), out))) {
      Image made = images.commit(caller, parent, layer, config, commit.reference(), new Images.Origin(commit.author(), commit.comment(), facts.id()));
      events.publish(caller, facts, "commit", Map.of("comment", commit.comment(), "imageID", made.id(), "imageRef", made.tags().isEmpty() || commit.reference() == null ? "" : ImageReference.parse(commit.reference()).orLatest().familiar()));
      return made;
    }
  }

  /** What the container runs with, on top of what its image says about volumes and the rest. */
  private static ImageConfig config(Facts facts, ImageConfig image) {
    ContainerSpec spec = facts.spec();
    Plan plan = facts.plan();
    @Nullable List<String> entrypoint = spec.entrypoint();
    List<String> cmd = spec.cmd() == null ? (entrypoint == null ? image.cmd() : List.of()) : spec.cmd();
    return new ImageConfig(
        plan.user(), NetworkRules.exposedTexts(image.exposedPorts(), spec), Environment.merged(List.of(), plan.env()), entrypoint == null ? image.entrypoint() : entrypoint, cmd,
        image.volumes(), plan.workingDir(), plan.labels(), spec.stopSignal() == null ? image.stopSignal() : spec.stopSignal(), image.shell(), image.onBuild(), plan.life().healthcheck());
  }
}
