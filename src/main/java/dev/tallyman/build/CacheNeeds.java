package dev.tallyman.build;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Who needs images of one team that are there for the steps they carry: names that led to them last, and builds that use them now. For whoever has its lock. */
final class CacheNeeds {
  /** The least used is forgotten. */
  static final int MOST_NAMES = 32;

  private final Map<String, String> latest = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<String, Integer> builds = new HashMap<>();

  /** By a build, until it releases it. */
  void hold(String image) {
    builds.merge(image, 1, Integer::sum);
  }

  /** @return nobody needs it any more */
  boolean release(String image) {
    builds.computeIfPresent(image, (id, count) -> count == 1 ? null : count - 1);
    return isFree(image);
  }

  /** The name leads to that image from now on. @return images that nobody needs any more */
  List<String> lead(String name, String image) {
    List<String> left = new ArrayList<>();
    String older = latest.put(name, image);
    if (older != null) {
      left.add(older);
    }
    if (latest.size() > MOST_NAMES) {
      Iterator<String> eldest = latest.values().iterator();
      left.add(eldest.next());
      eldest.remove();
    }
    return left.stream().distinct().filter(this::isFree).toList();
  }

  private boolean isFree(String image) {
    return !builds.containsKey(image) && !latest.containsValue(image);
  }
}
