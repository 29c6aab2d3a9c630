package dev.tallyman.container;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.kernel.SecretFile;
import dev.tallyman.secret.Secrets;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the secrets that a container asks for, and reads their values for a start. */
@Singleton
class Secreting {
  private final Secrets secrets;

  @Inject
  Secreting(Secrets secrets) {
    this.secrets = secrets;
  }

  /** @throws TallymanException INVALID also for a secret that the team does not have: "not found" in answer to a create means the image to the docker client */
  List<SecretUse> resolve(Caller caller, String container, ContainerSpec spec, List<MountPoint> mounts) {
    List<SecretUse> wishes = SecretRules.wishes(spec);
    if (!wishes.isEmpty()) {
      SecretRules.requirePlace(spec, mounts);
    }
    return wishes.stream().map(each -> found(caller, container, each)).toList();
  }

  private SecretUse found(Caller caller, String container, SecretUse wish) {
    try {
      return new SecretUse(secrets.use(caller, wish.name(), container).id(), wish.name(), wish.target(), wish.uid(), wish.gid(), wish.mode());
    } catch (TallymanException e) {
      throw e.kind() == ErrorKind.NOT_FOUND ? Refusal.invalid("secret not found: " + wish.name()) : e;
    }
  }

  /** The container is in the inventory now, or will never be. */
  void settled(String container) {
    secrets.release(container);
  }

  /** With the values that they have now; whoever gets them wipes them. */
  List<SecretFile> files(Facts facts) {
    List<SecretFile> files = new ArrayList<>();
    for (SecretUse each : facts.plan().secrets()) {
      files.add(new SecretFile(each.target(), each.mode(), each.uid(), each.gid(), secrets.reveal(facts.system(), each.id())));
    }
    return files;
  }

  static Secrets.Users.@Nullable User user(Cell cell, String secretId) {
    return cell.facts().plan().secrets().stream().anyMatch(each -> each.id().equals(secretId))
        ? new Secrets.Users.User(cell.id, cell.facts().name(), cell.state().isAlive())
        : null;
  }
}
