package dev.tallyman.volume;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Docker's filters of volume lists. */
final class VolumeFilters {
  private VolumeFilters() {}

  /** @param isUsed whether a container has it; @throws dev.tallyman.error.TallymanException INVALID for unknown keys and values */
  static Predicate<Volume> of(Volumes.VolumeFilter filter, Predicate<Volume> isUsed) {
    Predicate<Volume> all = each -> true;
    for (Map.Entry<String, List<String>> entry : filter.matches().entrySet()) {
      if (!entry.getValue().isEmpty()) {
        all = all.and(key(entry.getKey(), entry.getValue(), isUsed));
      }
    }
    return all;
  }

  private static Predicate<Volume> key(String key, List<String> values, Predicate<Volume> isUsed) {
    return switch (key) {
      case "label" -> values.stream().map(VolumeFilters::label).reduce(each -> true, Predicate::and);
      case "label!" -> values.stream().map(VolumeFilters::label).map(Predicate::not).reduce(each -> true, Predicate::and);
      case "name" -> each -> values.stream().anyMatch(value -> each.name().contains(value));
      case "driver" -> each -> values.contains(each.driver());
      case "dangling" -> flag(key, values) ? isUsed.negate() : isUsed;
      case "all" -> flag(key, values) ? each -> true : Volume::isAnonymous;
      default -> throw VolumeRules.invalid("invalid filter '" + key + "'");
    };
  }

  static boolean flag(String key, List<String> values) {
    return switch (values.get(0).toLowerCase(Locale.ROOT)) {
      case "1", "true", "t" -> true;
      case "0", "false", "f" -> false;
      default -> throw VolumeRules.invalid("invalid filter '" + key + "=" + values + "'");
    };
  }

  private static Predicate<Volume> label(String value) {
    int equals = value.indexOf('=');
    String name = equals < 0 ? value : value.substring(0, equals);
    return equals < 0 ? each -> each.labels().containsKey(name) : each -> value.substring(equals + 1).equals(each.labels().get(name));
  }
}
