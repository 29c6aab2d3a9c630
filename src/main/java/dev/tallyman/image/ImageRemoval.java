package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One removal, by Docker's rules (moby, daemon/images/image_delete.go): a name takes a tag away and the image with its last tag; an id takes
 * the image away if it has at most one tag. Runs inside a transaction.
 */
final class ImageRemoval {
  private static final int SHORT_ID = 12;

  /** @param reclaimedBytes size of the layers that went */
  record Outcome(List<Images.Removal> removals, List<ImageReference> untagged, List<String> deleted, long reclaimedBytes) {}

  private final ImageStore store;
  private final Function<ImageStore.ImageRow, List<Images.Users.User>> usersOf;
  private final Caller caller;
  private final List<ImageStore.LayerRow> orphans;
  private final List<Images.Removal> removals = new ArrayList<>();
  private final List<ImageReference> untagged = new ArrayList<>();
  private final List<String> deleted = new ArrayList<>();

  /** @param orphans gets the layers whose rows were deleted */
  ImageRemoval(ImageStore store, Function<ImageStore.ImageRow, List<Images.Users.User>> usersOf, Caller caller, List<ImageStore.LayerRow> orphans) {
    this.store = store;
    this.usersOf = usersOf;
    this.caller = caller;
    this.orphans = orphans;
  }

  Outcome remove(ImageStore.ImageRow image, String name, boolean isForced, boolean prunesParents) {
    List<ImageReference> tags = store.tagsOf(image.key());
    boolean isQuiet = false;
    if (isIdPrefix(image, name)) {
      if (tags.size() <= 1) {
        requireNoConflict(image, isForced, false);
        tags.forEach(tag -> untag(image, tag));
      }
    } else {
      if (!isForced && tags.size() <= 1) {
        requireUnused(image, name);
      }
      untag(image, ImageReference.parse(name).orLatest());
      if (tags.size() > 1) {
        return outcome();
      }
      isQuiet = true;
    }
    delete(image, isForced, prunesParents, isQuiet);
    return outcome();
  }

  private Outcome outcome() {
    return new Outcome(removals, untagged, deleted, orphans.stream().mapToLong(ImageStore.LayerRow::unpackedBytes).sum());
  }

  private static boolean isIdPrefix(ImageStore.ImageRow image, String name) {
    return image.id().startsWith(name) || image.digest().hex().startsWith(name);
  }

  private void requireUnused(ImageStore.ImageRow image, String name) {
    Optional<Images.Users.User> user = usersOf.apply(image).stream().findFirst();
    if (user.isPresent()) {
      throw conflict(
          "conflict: unable to remove repository reference \"" + name + "\" (must force) - container " + shortened(user.get()) + " is using its referenced image "
              + image.digest().shortened());
    }
  }

  private void untag(ImageStore.ImageRow image, ImageReference tag) {
    store.removeTag(caller.team(), tag);
    untagged.add(tag);
    removals.add(new Images.Removal(tag.familiar(), null));
    store.forgetDigests(image.key(), tag.repository()).forEach(digest -> removals.add(new Images.Removal(tag.familiarName() + "@" + digest, null)));
  }

  private void delete(ImageStore.ImageRow image, boolean isForced, boolean prunesParents, boolean isQuiet) {
    List<Images.Users.User> users = usersOf.apply(image);
    if (isQuiet && (store.hasChildren(caller.team(), image.id()) || !users.isEmpty() && (!isForced || users.get(0).isRunning()))) {
      // The tag is gone, which was asked for; the image stays for those who need it.
      return;
    }
    requireNoConflict(image, isForced, true);
    store.tagsOf(image.key()).forEach(tag -> untag(image, tag));
    takeAway(image, users);
    if (prunesParents && image.parent() != null) {
      store.image(caller.team(), Digest.parse(image.parent())).filter(parent -> store.tagsOf(parent.key()).isEmpty()).ifPresent(parent -> delete(parent, false, true, true));
    }
  }

  private void takeAway(ImageStore.ImageRow image, List<Images.Users.User> users) {
    List<Digest> chain = ChainIds.of(store.document(image).diffIds());
    List<ImageStore.LayerRow> layers = store.layersOf(image.key());
    deleted.add(image.id());
    removals.add(new Images.Removal(null, image.id()));
    if (!users.isEmpty()) {
      store.hideImage(image.key());
      return;
    }
    List<ImageStore.LayerRow> gone = store.deleteImage(image.key());
    orphans.addAll(gone);
    for (int i = layers.size() - 1; i >= 0; i--) {
      if (gone.contains(layers.get(i))) {
        removals.add(new Images.Removal(null, chain.get(i).toString()));
      }
    }
  }

  /** @param asksForTags the last check before the deletion, when at most the forced removal of several tags is left */
  private void requireNoConflict(ImageStore.ImageRow image, boolean isForced, boolean asksForTags) {
    if (store.hasChildren(caller.team(), image.id())) {
      throw conflict(image, "cannot be forced", "image has dependent child images");
    }
    List<Images.Users.User> users = usersOf.apply(image);
    if (!users.isEmpty() && users.get(0).isRunning()) {
      throw conflict(image, "cannot be forced", "image is being used by running container " + shortened(users.get(0)));
    }
    if (!isForced && asksForTags && !store.tagsOf(image.key()).isEmpty()) {
      throw conflict(image, "must be forced", "image is referenced in multiple repositories");
    }
    Optional<Images.Users.User> stopped = users.stream().filter(each -> !each.isMounted()).findFirst();
    if (!isForced && stopped.isPresent()) {
      throw conflict(image, "must be forced", "image is being used by stopped container " + shortened(stopped.get()));
    }
  }

  private static String shortened(Images.Users.User user) {
    return user.containerId().substring(0, Math.min(SHORT_ID, user.containerId().length()));
  }

  private static TallymanException conflict(ImageStore.ImageRow image, String force, String why) {
    return conflict("conflict: unable to delete " + image.digest().shortened() + " (" + force + ") - " + why);
  }

  private static TallymanException conflict(String text) {
    return new TallymanException(ErrorKind.CONFLICT, text);
  }
}
