package dev.tallyman.index;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.index.IndexStore.ManifestRow;
import dev.tallyman.index.IndexStore.RepositoryRow;
import dev.tallyman.index.RuleStore.Named;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps tags where they are. Its callers hold the store of blobs exclusively, so that of two pushes the second one finds the first one's tag. All methods throw
 * TAG_INVALID, kind CONFLICT, as other registries do; docker shows its text after "tag invalid".
 */
@ApplicationScoped
class Immutability {
  private final RuleStore rules;
  private final IndexStore store;

  @Inject
  Immutability(RuleStore rules, IndexStore store) {
    this.rules = rules;
    this.store = store;
  }

  /** Before tags are put on a manifest. Those that are on it already may be put again. */
  void requireFree(long repository, String name, List<String> tags, String digest) {
    if (tags.isEmpty()) {
      return;
    }
    TagPatterns immutable = rules.rules(repository).immutableTags();
    for (String tag : tags) {
      Optional<ManifestRow> there = immutable.matches(tag) ? store.tagged(repository, tag) : Optional.empty();
      if (there.isPresent() && !there.get().digest().equals(digest)) {
        throw refused("cannot push " + name + ":" + tag + ": the tag is immutable and already on " + there.get().digest() + "; push another tag");
      }
    }
  }

  /** Before a tag goes. */
  void requireLoose(RepositoryRow repository, String tag) {
    if (rules.rules(repository.id()).immutableTags().matches(tag)) {
      throw refused("cannot delete " + repository.name() + ":" + tag + ": the tag is immutable");
    }
  }

  /** Before a manifest goes, with its tags: none of them, and no tag of an index that has it, is immutable. */
  void requireLoose(RepositoryRow repository, ManifestRow manifest) {
    TagPatterns immutable = rules.rules(repository.id()).immutableTags();
    if (immutable.isEmpty()) {
      return;
    }
    Deque<Named> open = new ArrayDeque<>(List.of(new Named(manifest.id(), manifest.digest())));
    Set<Long> seen = new HashSet<>(Set.of(manifest.id()));
    while (!open.isEmpty()) {
      Named at = open.remove();
      Optional<String> tag = rules.tagsOf(at.id()).stream().filter(immutable::matches).findFirst();
      if (tag.isPresent()) {
        throw refused("cannot delete " + repository.name() + "@" + manifest.digest() + ": the immutable tag " + tag.get() + " has it");
      }
      rules.indexesWith(repository.id(), at.digest()).stream().filter(each -> seen.add(each.id())).forEach(open::add);
    }
  }

  /** Before a repository goes. */
  void requireLoose(RepositoryRow repository) {
    TagPatterns immutable = rules.rules(repository.id()).immutableTags();
    if (!immutable.isEmpty()) {
      rules.tags(repository.id()).stream().filter(immutable::matches).findFirst().ifPresent(tag -> {
        throw refused("cannot delete " + repository.name() + ": its tag " + tag + " is immutable; change its rules first");
      });
    }
  }

  private static IndexException refused(String message) {
    return new IndexException(ErrorKind.CONFLICT, "TAG_INVALID", message);
  }
}
