package dev.tallyman.build;

import dev.tallyman.image.Images.Image;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Keys of a build's steps in the team's cache. A key follows from that of the step below, down to an image that no step of this build made, and not
 * from the image that the step below is: of two builds that make the same step at once, or one after the other without the cache, the last image counts,
 * and what was made on top of the other one must be found all the same. For several threads.
 */
final class StepKeys {
  /** Of an image whose files a step has. */
  private static final Pattern ID = Pattern.compile("sha256:[0-9a-f]{64}");

  private final Map<String, String> keys = new HashMap<>();
  private final Set<String> made = new HashSet<>();

  /** @param below absent: nothing; @param text all else that the step depends on */
  synchronized String next(@Nullable Image below, String text) {
    String rest = ID.matcher(text).replaceAll(each -> keys.getOrDefault(each.group(), each.group()));
    String start = below == null ? Build.SCRATCH : keys.getOrDefault(below.id(), below.id());
    return HexFormat.of().formatHex(Context.sha256().digest((start + "\0" + rest).getBytes(StandardCharsets.UTF_8)));
  }

  /** Whether an image was made by this build, and not found: what follows from it is made, too. */
  synchronized boolean isMade(@Nullable Image image) {
    return image != null && made.contains(image.id());
  }

  /** The same of any image that the text names. */
  synchronized boolean namesMade(String text) {
    return ID.matcher(text).results().map(MatchResult::group).anyMatch(made::contains);
  }

  /** @param key of the row of the cache in which the image is */
  synchronized void found(String key, Image image) {
    keys.put(image.id(), key);
  }

  synchronized void made(String key, Image image) {
    keys.put(image.id(), key);
    made.add(image.id());
  }
}
