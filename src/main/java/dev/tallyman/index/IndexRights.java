package dev.tallyman.index;

import dev.tallyman.audit.AuditTrail;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.index.IndexStore.RepositoryRow;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who may read and change which repository. Its first name part is the team: members change, viewers read, others read what is public. Robots have rights of their own. */
@ApplicationScoped
class IndexRights {
  private final IndexStore store;
  private final IndexConfig config;
  private final AuditTrail audit;
  private final IndexTokens tokens;

  @Inject
  IndexRights(IndexStore store, IndexConfig config, AuditTrail audit, IndexTokens tokens) {
    this.tokens = tokens;
    this.store = store;
    this.config = config;
    this.audit = audit;
  }

  /**
   * Again before something is changed, since bodies may take an hour. Requests of accounts are cut off instead.
   *
   * @throws IndexException UNAUTHORIZED for a robot that was changed, disabled or removed meanwhile
   */
  private void requireStill(Visitor visitor) {
    if (visitor.robot() != null && !tokens.isStillGood(visitor)) {
      throw new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "the robot " + visitor.caller().accountName() + " was changed while this request was under way: log in again");
    }
  }

  boolean mayRead(Visitor visitor, RepositoryRow repository) {
    boolean isForeign = visitor.isAnonymous() || visitor.isRobotWithout(repository.name(), "pull");
    return isForeign ? repository.isPublic() && config.anonymousReading() : repository.isPublic() || visitor.caller().sees(repository.team());
  }

  boolean mayChange(Visitor visitor, String name) {
    return may(visitor, name, "push");
  }

  /** @param scope pull, push or delete: a member of the team may do all of them, a robot what it was made for. That the repository is there is not asked */
  boolean may(Visitor visitor, String name, String scope) {
    if (visitor.robot() != null) {
      return visitor.robot().rights().allow(name, scope);
    }
    Caller caller = visitor.caller();
    return !visitor.isAnonymous() && caller.role().includes(Role.MEMBER) && (caller.role() == Role.ADMINISTRATOR || caller.teamName().equals(Address.teamOf(name)));
  }

  /** True for a repository that is not there and that the visitor could read if it were: nothing has to be hidden then. */
  boolean isYetToCome(Visitor visitor, String name) {
    Caller caller = visitor.caller();
    boolean isOwn = caller.role() == Role.ADMINISTRATOR || caller.teamName().equals(Address.teamOf(name));
    return !visitor.isAnonymous() && isOwn && !visitor.isRobotWithout(name, "pull") && store.repository(name).isEmpty();
  }

  /** The team whose repositories the visitor sees besides public ones; null for all teams. */
  @Nullable Long teamSeenBy(Visitor visitor) {
    return visitor.caller().role() == Role.ADMINISTRATOR ? null : Long.valueOf(visitor.caller().team());
  }

  /** True if anybody may be here without an account at all. */
  boolean letsAnonymousIn() {
    return config.anonymousReading();
  }

  /** @throws TallymanException NAME_INVALID; NAME_UNKNOWN alike for what is not there and what may not be seen, DENIED for robots; UNAUTHORIZED for those without credentials */
  RepositoryRow readable(Visitor visitor, String name, String action) {
    Address.requireName(name);
    Optional<RepositoryRow> found = store.repository(name).filter(each -> mayRead(visitor, each));
    if (found.isEmpty()) {
      throw refuse(visitor, name, action, visitor.isRobotWithout(name, "pull") ? withoutRight(visitor, name, "pull from") : unknown(name));
    }
    requireScope(visitor, name, "pull");
    return found.get();
  }

  /** @throws TallymanException DENIED, which tells nothing about what is there: the name alone decides */
  void requireChange(Visitor visitor, String name, String action, String scope) {
    if (visitor.isRobotWithout(name, scope)) {
      throw refuse(visitor, name, action, withoutRight(visitor, name, scope.equals("push") ? "push to" : "delete in"));
    }
    if (!may(visitor, name, scope)) {
      throw refuse(visitor, name, action, new IndexException(ErrorKind.DENIED, "DENIED", "cannot change " + name + ": only members of the team " + Address.teamOf(name) + " may"));
    }
    if (store.team(Address.teamOf(name)).isEmpty()) {
      throw new IndexException(ErrorKind.DENIED, "DENIED", "cannot change " + name + ": there is no team " + Address.teamOf(name) + "; a name begins with the team that owns it");
    }
    requireScope(visitor, name, scope);
  }

  /**
   * The repository, made private if it is not there. Only where nothing else makes one at the same time: inside the store's exclusive work.
   *
   * @throws IndexException UNAUTHORIZED for a robot whose rights ended while the request was under way
   */
  long ensure(Visitor visitor, String name) {
    requireStill(visitor);
    return store
        .repository(name)
        .map(RepositoryRow::id)
        .orElseGet(() -> {
          audit.done(visitor.caller(), "index.create", name, "private");
          return store.addRepository(visitor.caller(), store.team(Address.teamOf(name)).orElseThrow(() -> unknown(name)), name);
        });
  }

  /** Tells nothing about what is there: its rights alone decide. */
  private static IndexException withoutRight(Visitor visitor, String name, String attempted) {
    return new IndexException(ErrorKind.DENIED, "DENIED", "cannot " + attempted + " " + name + ": the robot " + visitor.caller().accountName() + " has no right to; an administrator can give it");
  }

  static IndexException unknown(String name) {
    return IndexException.absent("NAME_UNKNOWN", "there is no repository " + name + " that you may see");
  }

  private TallymanException refuse(Visitor visitor, String name, String action, TallymanException known) {
    if (visitor.isAnonymous()) {
      // Every client asks without credentials first, to hear how to log in: no news for the trail. Refused log-ins are.
      return new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "log in to reach " + name);
    }
    audit.failed(visitor.caller(), action, name, known);
    return known;
  }

  static void requireScope(Visitor visitor, String name, String scope) {
    if (visitor.isLimitedFrom(name, scope)) {
      throw new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "the token was not asked for " + scope + " of " + name);
    }
  }
}
