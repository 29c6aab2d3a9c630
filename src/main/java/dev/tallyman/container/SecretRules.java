package dev.tallyman.container;

import dev.tallyman.kernel.SecretFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What is asked for about secrets, by field or by label. All methods throw INVALID. */
final class SecretRules {
  /** Before the name of a secret; the value is {@code [TARGET][,uid=N][,gid=N][,mode=0NNN]}. Of the creator's labels only: an image gives itself nothing. */
  static final String LABEL = "tallyman.secret.";

  static final String DIRECTORY = "/run/secrets";
  private static final Pattern TARGET = Pattern.compile("[a-zA-Z0-9_.-]{1,100}");
  private static final Pattern ID = Pattern.compile("\\d{1,5}");
  private static final Pattern MODE = Pattern.compile("0?[0-7]{1,3}");
  private static final int IDS = 65536;
  private static final int DEFAULT_MODE = 0444;

  private SecretRules() {}

  /** All of them, checked, targets and modes complete. */
  static List<SecretUse> wishes(ContainerSpec spec) {
    List<SecretWish> all = new ArrayList<>(spec.mounts().secrets());
    new TreeMap<>(spec.labels()).forEach((key, value) -> {
      if (key.startsWith(LABEL)) {
        all.add(ofLabel(key.substring(LABEL.length()), value));
      }
    });
    List<SecretUse> uses = all.stream().map(SecretRules::checked).toList();
    Set<String> targets = new HashSet<>();
    uses.stream().filter(each -> !targets.add(each.target())).findFirst().ifPresent(each -> {
      throw Refusal.invalid("Duplicate mount point: " + DIRECTORY + "/" + each.target());
    });
    if (uses.size() > SecretFile.MAX_FILES) {
      throw Refusal.invalid("a container may have " + SecretFile.MAX_FILES + " secrets");
    }
    return uses;
  }

  /** Nothing else may be mounted where they are. */
  static void requirePlace(ContainerSpec spec, List<MountPoint> mounts) {
    List<String> targets = new ArrayList<>(mounts.stream().map(MountPoint::target).toList());
    spec.tmpfs().keySet().forEach(each -> targets.add(MountRules.clean(each)));
    targets.stream().filter(each -> each.equals(DIRECTORY) || each.startsWith(DIRECTORY + "/")).findFirst().ifPresent(each -> {
      throw Refusal.invalid("Duplicate mount point: " + each + ": the container's secrets are at " + DIRECTORY);
    });
  }

  private static SecretWish ofLabel(String name, String value) {
    String[] parts = value.split(",", -1);
    Map<String, String> given = new TreeMap<>();
    for (int i = parts[0].contains("=") ? 0 : 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      String key = equals < 0 ? "" : parts[i].substring(0, equals);
      if (!List.of("target", "uid", "gid", "mode").contains(key) || given.put(key, parts[i].substring(equals + 1)) != null) {
        throw Refusal.invalid("invalid label " + LABEL + name + ": write [TARGET][,uid=N][,gid=N][,mode=0444]");
      }
    }
    String target = parts[0].contains("=") ? given.getOrDefault("target", "") : parts[0];
    return new SecretWish(name, target, id(name, given.getOrDefault("uid", "0")), id(name, given.getOrDefault("gid", "0")), given.getOrDefault("mode", ""));
  }

  private static int id(String name, String text) {
    if (!ID.matcher(text).matches()) {
      throw Refusal.invalid("invalid secret " + name + ": uid and gid are numbers from 0 to " + (IDS - 1));
    }
    return Integer.parseInt(text);
  }

  private static SecretUse checked(SecretWish wish) {
    if (wish.name().isEmpty()) {
      throw Refusal.invalid("a secret needs a name");
    }
    String target = wish.target().isEmpty() ? wish.name() : wish.target();
    if (target.startsWith(DIRECTORY + "/")) {
      target = target.substring(DIRECTORY.length() + 1);
    }
    if (!TARGET.matcher(target).matches() || target.equals(".") || target.equals("..")) {
      throw Refusal.invalid("invalid secret " + wish.name() + ": its target is the name of a file in " + DIRECTORY + ", 1 to 100 characters of a-z, A-Z, 0-9, '_', '.', '-'");
    }
    if (wish.uid() < 0 || wish.uid() >= IDS || wish.gid() < 0 || wish.gid() >= IDS) {
      throw Refusal.invalid("invalid secret " + wish.name() + ": uid and gid are numbers from 0 to " + (IDS - 1));
    }
    if (!wish.mode().isEmpty() && !MODE.matcher(wish.mode()).matches()) {
      throw Refusal.invalid("invalid secret " + wish.name() + ": its mode is three octal digits such as 0440");
    }
    return new SecretUse("", wish.name(), target, wish.uid(), wish.gid(), wish.mode().isEmpty() ? DEFAULT_MODE : Integer.parseInt(wish.mode(), 8));
  }
}
