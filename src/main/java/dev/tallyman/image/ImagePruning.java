package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which images nothing needs, and what they would give back. */
@ApplicationScoped
class ImagePruning {
  private final ImageStore store;
  private final Instance<Images.Users> users;
  private final ImageHolds holds;

  @Inject
  ImagePruning(ImageStore store, Instance<Images.Users> users, ImageHolds holds) {
    this.holds = holds;
    this.store = store;
    this.users = users;
  }

  /** Those that are being made are read first: one that is committed in between is among the others then. */
  List<Images.Users.User> usersOf(ImageStore.ImageRow row) {
    List<Images.Users.User> coming = holds.usersOf(row);
    List<Images.Users.User> there = users.isResolvable() ? users.get().usersOf(row.team(), row.id()) : List.of();
    return Stream.concat(there.stream(), coming.stream()).toList();
  }

  /** Those that a forced removal left for a container which is gone by now. */
  List<ImageStore.ImageRow> forgotten() {
    return store.hiddenImages().stream().filter(each -> usersOf(each).isEmpty()).toList();
  }

  /** No container has it, and no other image was made from it. */
  boolean isUnused(ImageStore.ImageRow row) {
    return !store.hasChildren(row.team(), row.id()) && usersOf(row).isEmpty();
  }

  boolean isPrunable(ImageStore.ImageRow row, boolean onlyDangling, List<String> labels, @Nullable Instant until) {
    // One that was removed since its row was read is none of ours.
    ImageDocument document = store.findDocument(row).orElse(null);
    return document != null
        && (!onlyDangling || store.tagsOf(row.key()).isEmpty())
        && (until == null || !document.createdAt().isAfter(until))
        && ImageLookup.hasLabels(document, labels)
        && isUnused(row);
  }

  /** Bytes of the layers that only these images have, of any team, and those which the next removal takes along. */
  long reclaimable(Caller caller, Set<String> ids) {
    Set<Long> going = new HashSet<>(forgotten().stream().map(ImageStore.ImageRow::key).toList());
    store.images(caller.team()).stream().filter(each -> ids.contains(each.id())).forEach(each -> going.add(each.key()));
    return store.holders().stream().filter(each -> going.containsAll(each.images())).mapToLong(ImageStore.Holders::unpackedBytes).sum();
  }
}
