package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What {@code docker login} and every pull and push ask first: a token for some scopes, cut to what the visitor may do. */
@ApplicationScoped
class TokenGrants {
  private static final int MAX_SCOPES = 20;
  private static final Set<String> ACTIONS = Set.of("pull", "push", "delete");

  private final IndexTokens tokens;
  private final IndexRights rights;
  private final IndexStore store;
  private final RefusedLogins refusals;

  @Inject
  TokenGrants(IndexTokens tokens, IndexRights rights, IndexStore store, RefusedLogins refusals) {
    this.tokens = tokens;
    this.rights = rights;
    this.store = store;
    this.refusals = refusals;
  }

  /**
   * @param asked {@code repository:NAME:ACTION,…}; others grant nothing
   * @return UNAUTHORIZED for a stranger, unless the administrator lets anybody read
   */
  String grant(Visitor visitor, List<String> asked) {
    if (visitor.scopes() != null) {
      throw new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "a registry token makes no tokens: give a password or a token of an account");
    }
    if (visitor.isAnonymous() && !rights.letsAnonymousIn()) {
      IndexException refused = new IndexException(ErrorKind.UNAUTHENTICATED, "UNAUTHORIZED", "log in: this registry is for accounts of this server");
      refusals.record(visitor.caller(), asked.isEmpty() ? "" : asked.get(0), refused);
      throw refused;
    }
    Map<String, Set<String>> granted = new HashMap<>();
    asked.stream().flatMap(each -> List.of(each.split(" ")).stream()).limit(MAX_SCOPES).forEach(scope -> add(visitor, scope, granted));
    return tokens.issue(visitor, granted);
  }

  long lifetimeSeconds() {
    return tokens.lifetimeSeconds();
  }

  private void add(Visitor visitor, String scope, Map<String, Set<String>> granted) {
    String[] parts = scope.split(":", -1);
    if (parts.length != 3 || !parts[0].equals("repository") || !Address.isName(parts[1])) {
      return;
    }
    Set<String> actions = new TreeSet<>(List.of(parts[2].split(",")));
    if (actions.contains("*")) {
      actions.addAll(ACTIONS);
    }
    actions.retainAll(allowed(visitor, parts[1]));
    granted.computeIfAbsent(parts[1], name -> new HashSet<>()).addAll(actions);
  }

  private Set<String> allowed(Visitor visitor, String name) {
    Set<String> own = new HashSet<>(ACTIONS);
    own.removeIf(action -> !rights.may(visitor, name, action));
    if (!own.isEmpty()) {
      return own;
    }
    return store.repository(name).filter(each -> rights.mayRead(visitor, each)).isPresent() ? Set.of("pull") : Set.of();
  }
}
