package dev.tallyman.dashboard.container;

import dev.tallyman.container.Container;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** Finds containers for pages: the records of removed ones too, which the Engine API no longer knows. */
@Singleton
class Lookup {
  private final Containers containers;

  @Inject
  Lookup(Containers containers) {
    this.containers = containers;
  }

  /** @throws TallymanException NOT_FOUND */
  Container find(Caller caller, String id) {
    try {
      return containers.inspect(caller, id);
    } catch (TallymanException e) {
      if (e.kind() != ErrorKind.NOT_FOUND) {
        throw e;
      }
      return containers.list(caller, new ContainerFilter(true, true, 0, Map.of("id", List.of(id)))).stream()
          .filter(container -> container.id().equals(id))
          .findFirst()
          .orElseThrow(() -> e);
    }
  }
}
