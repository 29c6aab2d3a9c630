package dev.tallyman.image;

import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Images of containers that are being made: their layers stay until the container is in the inventory, which names it as a user then, or will never be. */
@ApplicationScoped
public class ImageHolds {
  private final ImageLookup lookup;
  private final ImageInventory inventory;
  private final Map<String, Set<Held>> holds = new ConcurrentHashMap<>();

  private record Held(long team, String image) {}

  @Inject
  ImageHolds(ImageLookup lookup, ImageInventory inventory) {
    this.lookup = lookup;
    this.inventory = inventory;
  }

  /** Finds an image as {@link Images#inspect} does; no removal comes in between. @param container that is about to be */
  public Images.Image hold(Caller caller, String name, String container) {
    caller.require(Role.VIEWER, "inspect an image");
    return inventory.exclusively(
        () -> {
          ImageStore.ImageRow found = lookup.require(caller, name);
          hold(found.team(), found.id(), container);
          return lookup.image(found);
        });
  }

  /** An image that another container has, also one that a forced removal has hidden. That one must be there afterwards, or it may have been too late. */
  public void hold(long team, String image, String container) {
    inventory.exclusively(() -> holds.computeIfAbsent(container, absent -> ConcurrentHashMap.newKeySet()).add(new Held(team, image)));
  }

  /** The container is in the inventory now, or will never be. */
  public void release(String container) {
    holds.remove(container);
  }

  List<Images.Users.User> usersOf(ImageStore.ImageRow row) {
    Held held = new Held(row.team(), row.id());
    return holds.entrySet().stream().filter(each -> each.getValue().contains(held)).map(each -> new Images.Users.User(each.getKey(), "", false, false)).toList();
  }
}
