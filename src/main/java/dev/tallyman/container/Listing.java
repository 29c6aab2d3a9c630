package dev.tallyman.container;

import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.container.Containers.Moment;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.image.Images;
import dev.tallyman.network.Networks;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Lists containers, the removed ones from the database. */
@Singleton
class Listing {
  private static final int MAX_REMOVED = 1000;
  private static final Comparator<Container> NEWEST_FIRST = Comparator.comparing(Container::createdAt).reversed().thenComparing(Container::id);

  private final Inventory inventory;
  private final ContainerStore store;
  private final Images images;
  private final Networks networks;

  @Inject
  Listing(Inventory inventory, ContainerStore store, Images images, Networks networks) {
    this.inventory = inventory;
    this.store = store;
    this.images = images;
    this.networks = networks;
  }

  List<Container> list(Caller caller, ContainerFilter filter) {
    Filters filters =
        new Filters(
            reference -> inventory.find(caller, reference).shown(), reference -> family(caller, orEmpty(() -> images.inspect(caller, reference).id())),
            reference -> orEmpty(() -> networks.inspect(caller, reference).id()));
    Predicate<Container> matching = filters.of(filter);
    // A state asked for by name, and the newest N, are looked for among all.
    boolean wantsAll = filter.includesStopped() || filter.limit() > 0 || !filter.matches().getOrDefault("status", List.of()).isEmpty()
        || !filter.matches().getOrDefault("exited", List.of()).isEmpty();
    Stream<Container> living = inventory.visible(caller).stream().map(Cell::shown).filter(each -> wantsAll || each.state().isAlive() || each.state() == ContainerState.RESTARTING);
    Stream<Container> all = filter.includesRemoved() ? Stream.concat(living, removed(caller)) : living;
    Stream<Container> sorted = all.filter(matching).sorted(NEWEST_FIRST);
    return (filter.limit() > 0 ? sorted.limit(filter.limit()) : sorted).toList();
  }

  private Stream<Container> removed(Caller caller) {
    Long team = caller.role() == Role.ADMINISTRATOR ? null : caller.team();
    return QuarkusTransaction.requiringNew().call(() -> store.removed(team, MAX_REMOVED)).stream().map(facts -> facts.shown(null));
  }

  /** An image and what was made from it, and from that. */
  private Set<String> family(Caller caller, String id) {
    Set<String> family = new HashSet<>();
    if (!id.isEmpty()) {
      family.add(id);
      List<Images.Image> all = images.list(caller, Images.ImageFilter.withIntermediate());
      for (int before = 0; before != family.size(); ) {
        before = family.size();
        all.stream().filter(each -> each.parent() != null && family.contains(each.parent())).forEach(each -> family.add(each.id()));
      }
    }
    return family;
  }

  private static String orEmpty(Supplier<String> id) {
    try {
      return id.get();
    } catch (TallymanException e) {
      return "";
    }
  }

  List<Moment> timeline(Caller caller, String reference) {
    String id = find(caller, reference);
    return QuarkusTransaction.requiringNew().call(() -> store.moments(id));
  }

  private String find(Caller caller, String reference) {
    try {
      return inventory.find(caller, reference).id;
    } catch (TallymanException e) {
      Optional<Facts> removed = reference.length() == 64 ? QuarkusTransaction.requiringNew().call(() -> store.find(reference)) : Optional.empty();
      return removed.filter(facts -> caller.sees(facts.team())).map(Facts::id).orElseThrow(() -> e);
    }
  }
}
