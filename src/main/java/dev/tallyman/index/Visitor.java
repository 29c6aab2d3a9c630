package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who speaks to the Index.
 *
 * @param isAnonymous no credentials were presented; the caller is then a mere name for the trail
 * @param scopes actions by repository that a token of the Index was limited to; absent for other credentials
 */
record Visitor(Caller caller, boolean isAnonymous, @Nullable Map<String, Set<String>> scopes) {
  /** Somebody with an account's own credentials. */
  static Visitor known(Caller caller) {
    return new Visitor(caller, false, null);
  }

  boolean isLimitedFrom(String repository, String action) {
    return scopes != null && !scopes.getOrDefault(repository, Set.of()).contains(action);
  }
}
