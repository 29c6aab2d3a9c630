package dev.tallyman.build;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.build.Builds.CachedStep;
import dev.tallyman.build.Builds.Pruned;
import dev.tallyman.container.Containers;
import dev.tallyman.container.Containers.ContainerFilter;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.image.Images;
import dev.tallyman.image.Images.Image;
import dev.tallyman.image.Images.ImageFilter;
import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The steps that a team need not make again, and what becomes of them. */
@Singleton
class BuildCache {
  static final String STEP = "regular";

  private final BuildStore store;
  private final Images images;
  private final Containers containers;
  private final AuditTrail audit;
  private final CacheMounts mounts;
  private final ContextStore contexts;
  private final RemoteCopies copies;

  @Inject
  BuildCache(BuildStore store, Images images, Containers containers, AuditTrail audit, CacheMounts mounts, ContextStore contexts, RemoteCopies copies) {
    this.copies = copies;
    this.contexts = contexts;
    this.mounts = mounts;
    this.store = store;
    this.images = images;
    this.containers = containers;
    this.audit = audit;
  }

  List<CachedStep> list(Caller caller) {
    Map<String, Image> known = images(caller);
    Set<String> inUse = inUse(caller, known);
    List<CachedStep> all = new ArrayList<>(mounts.list(caller));
    all.addAll(contexts.list(caller));
    all.addAll(copies.list(caller));
    store.all(caller.team()).stream()
        .filter(row -> known.containsKey(row.image()))
        .map(row -> new CachedStep(row.key().substring(0, 25), row.image(), row.description(), row.bytes(), row.createdAt(), row.usedAt(), row.uses(), inUse.contains(row.image()), STEP))
        .forEach(all::add);
    all.sort(Comparator.comparing(CachedStep::lastUsedAt).reversed());
    return all;
  }

  private Map<String, Image> images(Caller caller) {
    Map<String, Image> known = new HashMap<>();
    images.list(caller, ImageFilter.withIntermediate()).forEach(each -> known.put(each.id(), each));
    return known;
  }

  /** Images with a name, those that containers have, and all that they stand on. */
  private Set<String> inUse(Caller caller, Map<String, Image> known) {
    Set<String> inUse = new HashSet<>();
    List<String> tops = new ArrayList<>(known.values().stream().filter(each -> !each.tags().isEmpty()).map(Image::id).toList());
    containers.list(caller, ContainerFilter.all()).forEach(each -> tops.add(each.imageId()));
    for (String top : tops) {
      Image image = known.get(top);
      while (image != null && inUse.add(image.id())) {
        image = image.parent() == null ? null : known.get(image.parent());
      }
    }
    return inUse;
  }

  Pruned prune(Caller caller, boolean isAll, Instant usedBefore, long keepBytes, String type, CacheFilter filter) {
    List<String> types = List.of(STEP, CacheMounts.TYPE, ContextStore.TYPE, RemoteCopies.TYPE);
    if (!type.isEmpty() && !types.contains(type)) {
      throw new TallymanException(ErrorKind.INVALID, "the build cache has no type '" + type + "': it has " + String.join(", ", types));
    }
    Pruned none = new Pruned(List.of(), 0);
    Predicate<String> meant = meant(caller, filter);
    Pruned steps = isMeant(STEP, type) ? pruneSteps(caller, isAll, usedBefore, keepBytes, meant) : none;
    Pruned caches = isMeant(CacheMounts.TYPE, type) ? mounts.prune(caller, usedBefore, keepBytes, meant) : none;
    Pruned sources = isMeant(ContextStore.TYPE, type) ? contexts.prune(caller, usedBefore, keepBytes, meant) : none;
    Pruned fetched = isMeant(RemoteCopies.TYPE, type) ? copies.prune(caller, usedBefore, keepBytes, meant) : none;
    List<Pruned> all = List.of(steps, caches, sources, fetched);
    List<String> ids = all.stream().flatMap(each -> each.ids().stream()).toList();
    long bytes = all.stream().mapToLong(Pruned::bytes).sum();
    String counts = steps.ids().size() + " steps, " + caches.ids().size() + " caches, " + sources.ids().size() + " contexts, " + fetched.ids().size() + " fetched files";
    audit.done(caller, "image.build-prune", "build cache", counts + ", " + bytes + " bytes");
    return new Pruned(ids, bytes);
  }

  /** Of the ids that the cache shows; without a filter also what it does not show, steps whose image is gone. */
  private Predicate<String> meant(Caller caller, CacheFilter filter) {
    if (filter.equals(CacheFilter.ALL)) {
      return id -> true;
    }
    return list(caller).stream().filter(filter::accepts).map(CachedStep::id).collect(Collectors.toSet())::contains;
  }

  private static boolean isMeant(String kind, String type) {
    return type.isEmpty() || type.equals(kind);
  }

  /** Least recently used steps first; a step's image goes unless somebody needs it. */
  private Pruned pruneSteps(Caller caller, boolean isAll, Instant usedBefore, long keepBytes, Predicate<String> meant) {
    List<String> ids = new ArrayList<>();
    long reclaimed = 0;
    long left = store.all(caller.team()).stream().mapToLong(BuildStore.Row::bytes).sum();
    Map<String, Image> known = images(caller);
    Set<String> inUse = inUse(caller, known);
    List<BuildStore.Row> rows = store.all(caller.team());
    for (int i = rows.size() - 1; i >= 0; i--) {
      BuildStore.Row row = rows.get(i);
      String id = row.key().substring(0, 25);
      boolean isKept = !meant.test(id) || (!isAll && inUse.contains(row.image())) || row.usedAt().isAfter(usedBefore) || (keepBytes > 0 && left <= keepBytes);
      if (!isKept) {
        QuarkusTransaction.requiringNew().run(() -> store.delete(row.id()));
        ids.add(id);
        left -= row.bytes();
      }
    }
    Set<String> cached = new HashSet<>(store.all(caller.team()).stream().map(BuildStore.Row::image).toList());
    for (BuildStore.Row row : rows) {
      if (known.containsKey(row.image()) && !inUse.contains(row.image()) && !cached.contains(row.image()) && remove(caller, row.image())) {
        reclaimed += row.bytes();
      }
    }
    return new Pruned(ids, reclaimed);
  }

  /** One that others stand on goes with the last of them. */
  private boolean remove(Caller caller, String image) {
    try {
      images.remove(caller, image, false, true);
      return true;
    } catch (TallymanException e) {
      return false;
    }
  }
}
