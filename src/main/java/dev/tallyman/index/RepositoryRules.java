package dev.tallyman.index;

import dev.tallyman.identity.Caller;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What teams lay down for their repositories. Those who may pull see it, members of the team change it. */
public interface RepositoryRules {
  /**
   * @param immutableTags names of tags, {@code *} for any text: once there, they are neither moved nor deleted
   * @param retention absent = every tag stays
   */
  record Laid(List<String> immutableTags, @Nullable RetentionRule retention) {}

  Laid laid(Caller caller, String name);

  /** What is absent stays. @param immutableTags empty = none any more; @param retention with nothing in it = none any more */
  Laid lay(Caller caller, String name, @Nullable List<String> immutableTags, @Nullable RetentionRule retention);
}
