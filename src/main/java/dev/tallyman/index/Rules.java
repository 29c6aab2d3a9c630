package dev.tallyman.index;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What its team laid down for a repository.
 *
 * @param immutableTags once there, they are neither moved nor deleted
 * @param retention which tags stay; absent = all
 */
record Rules(TagPatterns immutableTags, @Nullable Retention retention) {
  static final Rules NONE = new Rules(TagPatterns.NONE, null);
  private static final ObjectMapper JSON = new ObjectMapper();

  /** As it is stored. */
  private record Document(@Nullable List<String> immutableTags, @Nullable RetentionRule retention) {}

  static Rules parse(String stored) {
    if (stored.isEmpty()) {
      return NONE;
    }
    try {
      Document document = JSON.readValue(stored, Document.class);
      return new Rules(
          new TagPatterns(document.immutableTags() == null ? List.of() : document.immutableTags()), document.retention() == null ? null : document.retention().parsed());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the stored rules of a repository cannot be read", e);
    }
  }

  String stored() {
    try {
      return JSON.writeValueAsString(new Document(immutableTags.patterns(), retention == null ? null : retention.rule()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("writing to memory cannot fail", e);
    }
  }
}
