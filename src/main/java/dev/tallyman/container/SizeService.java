package dev.tallyman.container;

import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import dev.tallyman.kernel.Sandboxes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/** Measures containers, several at a time. */
@Singleton
class SizeService implements ContainerSizes {
  private static final Logger LOG = Logger.getLogger(SizeService.class);

  private final Inventory inventory;
  private final Sandboxes sandboxes;
  private final Images images;
  private final WaitingThreads threads;

  @Inject
  SizeService(Inventory inventory, Sandboxes sandboxes, Images images, WaitingThreads threads) {
    this.inventory = inventory;
    this.sandboxes = sandboxes;
    this.images = images;
    this.threads = threads;
  }

  @Override
  public Map<String, Size> of(Caller caller, List<Container> containers) {
    Map<String, Long> layers = images.layerSizes();
    List<Cell> seen = inventory.visible(caller).stream().toList();
    Map<String, Cell> cells = seen.stream().collect(Collectors.toMap(cell -> cell.id, cell -> cell));
    Map<String, CompletableFuture<Size>> measuring = new HashMap<>();
    for (Container each : containers) {
      Cell cell = cells.get(each.id());
      if (cell != null) {
        measuring.put(each.id(), CompletableFuture.supplyAsync(() -> measure(cell, layers), threads));
      }
    }
    return measuring.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().join()));
  }

  private Size measure(Cell cell, Map<String, Long> layers) {
    long image = cell.facts().plan().layers().stream().distinct().mapToLong(each -> layers.getOrDefault(each, 0L)).sum();
    long written = written(cell);
    return new Size(written, Math.max(0, written) + image);
  }

  /** Bytes that a removal would give back; -1 if they cannot be counted. */
  long written(Cell cell) {
    try {
      return sandboxes.size(cell.id);
    } catch (TallymanException e) {
      LOG.warnf("the files of container %s could not be measured: %s", cell.id, e.getMessage());
      return -1;
    }
  }
}
