package dev.tallyman.container;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks every field of a specification before anything is done. Texts are Docker's where Docker has one. */
final class SpecRules {
  private static final Pattern SYSCTL = Pattern.compile("[a-z0-9_][a-z0-9_./-]{0,200}");
  private static final Pattern NEGATIVE = Pattern.compile("-\\d+");
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9_.][A-Za-z0-9_.@-]{0,63}\\$?");
  private static final Set<String> TMPFS_FLAGS =
      Set.of("rw", "ro", "exec", "noexec", "suid", "nosuid", "dev", "nodev", "sync", "async", "noatime", "atime", "relatime", "norelatime", "strictatime", "nostrictatime", "diratime", "nodiratime");
  private static final Pattern TMPFS_VALUE = Pattern.compile("(size=\\d{1,15}[kmgKMG%]?|mode=[0-7]{1,4}|uid=\\d{1,5}|gid=\\d{1,5}|nr_inodes=\\d{1,12}[kmgKMG]?)");
  /** Less than the helper's packet of 256 KiB, which holds other fields too. */
  private static final int MAX_COMMAND_CHARS = 120_000;

  /** Linux's PATH_MAX without its end. */
  private static final int MAX_WORKDIR_BYTES = 4095;

  /** Each that is missing takes a request to the helper. */
  private static final int MAX_WORKDIR_FOLDERS = 64;

  private static final int MAX_ENTRIES = 2000;
  private static final long MAX_LABEL_CHARS = 200_000;

  private SpecRules() {}

  /** @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED */
  static void check(ContainerSpec spec, ContainerConfig config) {
    if (spec.image().isEmpty()) {
      boolean isBare = (spec.cmd() == null || spec.cmd().isEmpty()) && (spec.entrypoint() == null || spec.entrypoint().isEmpty());
      throw Refusal.invalid((isBare ? "no command specified, and no image" : "no image specified") + ": name the image to create the container from");
    }
    checkTexts(spec);
    spec.env().forEach(SpecRules::checkVariable);
    workdir(spec.workingDir());
    checkUser(spec.user());
    checkLabels(spec.labels());
    if (spec.stopSignal() != null && !spec.stopSignal().isEmpty()) {
      Signals.parse(spec.stopSignal());
    }
    if (spec.stopTimeoutSeconds() != null && spec.stopTimeoutSeconds() < -1) {
      throw Refusal.invalid("invalid stop timeout: " + spec.stopTimeoutSeconds() + "; seconds, or -1 to wait for ever");
    }
    NetworkRules.check(spec);
    LimitRules.check(spec.limits());
    RestartRules.check(spec.restart(), spec.isRemovedAtExit());
    Capabilities.of(spec);
    SpecialRules.check(spec);
    MountRules.check(spec);
    SecretRules.wishes(spec);
    Isolating.filter(spec);
    Ulimits.of(spec.ulimits());
    LogSettings.of(spec, config);
    spec.groupAdd().forEach(each -> checkIdentity("group", each, each));
    spec.sysctls().forEach(SpecRules::checkSysctl);
    spec.tmpfs().forEach(SpecRules::checkTmpfs);
    checkNumbers(spec);
  }

  private static void checkTexts(ContainerSpec spec) {
    long chars = 0;
    for (List<String> texts : List.of(orEmpty(spec.entrypoint()), orEmpty(spec.cmd()), spec.env())) {
      for (@Nullable String text : texts) {
        if (text == null) {
          throw Refusal.invalid("the command or the environment holds null");
        }
        chars += text.length() + 1;
        requireNoNul(text);
      }
    }
    if (chars > MAX_COMMAND_CHARS) {
      throw Refusal.invalid("the command and the environment are longer than " + MAX_COMMAND_CHARS + " characters");
    }
    for (Collection<?> entries :
        List.<Collection<?>>of(
            spec.portBindings(), spec.exposedPorts(), spec.extraHosts(), spec.sysctls().keySet(), spec.tmpfs().keySet(), spec.ulimits(), spec.groupAdd(), spec.dns(),
            spec.dnsSearch(), spec.networking().links())) {
      if (entries.size() > MAX_ENTRIES) {
        throw Refusal.invalid("a list of the container's options has more than " + MAX_ENTRIES + " entries");
      }
    }
  }

  private static List<String> orEmpty(@Nullable List<String> texts) {
    return texts == null ? List.of() : texts;
  }

  private static void requireNoNul(String text) {
    if (text.indexOf('\0') >= 0) {
      throw Refusal.invalid("a text of the command or the environment holds a NUL character");
    }
  }

  static void checkVariable(String variable) {
    requireNoNul(variable);
    if (variable.isEmpty() || variable.startsWith("=")) {
      throw Refusal.invalid("invalid environment variable: " + variable);
    }
  }

  static void checkWorkdir(@Nullable String workdir) {
    if (workdir == null || workdir.isEmpty()) {
      return;
    }
    if (!workdir.startsWith("/")) {
      throw Refusal.invalid("the working directory '" + workdir + "' is invalid, it needs to be an absolute path");
    }
    if (workdir.getBytes(StandardCharsets.UTF_8).length > MAX_WORKDIR_BYTES || workdir.indexOf('\0') >= 0) {
      throw Refusal.invalid("the working directory is invalid: it has " + MAX_WORKDIR_BYTES + " bytes at most, and no NUL character");
    }
  }

  /** Of one that is made with the container. @return without doubled slashes and dots, as Docker shows it; empty = none is asked for */
  static String workdir(@Nullable String given) {
    checkWorkdir(given);
    if (given == null || given.isEmpty()) {
      return "";
    }
    String clean = MountRules.clean(given);
    long folders = clean.chars().filter(each -> each == '/').count();
    if (folders > MAX_WORKDIR_FOLDERS) {
      throw Refusal.invalid("the working directory is invalid: it has " + folders + " folders, one in the other; " + MAX_WORKDIR_FOLDERS + " at most");
    }
    return clean;
  }

  static void checkUser(@Nullable String user) {
    if (user == null || user.isEmpty()) {
      return;
    }
    int colon = user.indexOf(':');
    if (colon != 0) {
      checkIdentity("user", colon < 0 ? user : user.substring(0, colon), user);
    }
    if (colon >= 0 && colon < user.length() - 1) {
      checkIdentity("group", user.substring(colon + 1), user);
    }
  }

  /** Never root by accident: what is not plainly a name or a small number is refused. */
  private static void checkIdentity(String kind, String name, String whole) {
    if (NEGATIVE.matcher(name).matches()) {
      throw Refusal.invalid("uids and gids must be in range 0-2147483647: " + whole);
    }
    if (!USER.matcher(name).matches()) {
      throw Refusal.invalid("unable to find " + kind + " " + Refusal.shortened(name) + ": no matching entries in " + (kind.equals("user") ? "passwd" : "group") + " file");
    }
    if (name.chars().allMatch(c -> c >= '0' && c <= '9') && (name.length() > 10 || Long.parseLong(name) > Integer.MAX_VALUE)) {
      throw Refusal.invalid("uids and gids must be in range 0-2147483647: " + whole);
    }
  }

  private static void checkLabels(Map<String, String> labels) {
    long chars = 0;
    for (Map.Entry<String, String> label : labels.entrySet()) {
      chars += label.getKey().length() + label.getValue().length();
      if (label.getKey().isEmpty()) {
        throw Refusal.invalid("invalid label: its name is empty");
      }
    }
    if (chars > MAX_LABEL_CHARS) {
      throw Refusal.invalid("the labels are longer than " + MAX_LABEL_CHARS + " characters");
    }
  }

  private static void checkSysctl(String name, String value) {
    if (!SYSCTL.matcher(name).matches() || value.length() > 200 || value.chars().anyMatch(c -> c < ' ')) {
      throw Refusal.invalid("invalid sysctl: " + Refusal.quoted(name + "=" + value));
    }
  }

  private static void checkTmpfs(String path, String options) {
    if (path.length() > 1000 || path.indexOf('\0') >= 0 || path.indexOf(':') >= 0) {
      throw Refusal.invalid("invalid mount path: " + Refusal.quoted(path) + ": of a tmpfs it has 1000 characters at most, and no ':'");
    }
    if (!path.startsWith("/")) {
      throw Refusal.invalid("invalid mount path: '" + path + "' mount path must be absolute");
    }
    if (MountRules.clean(path).equals("/")) {
      throw Refusal.invalid("invalid specification: destination can't be '/'");
    }
    for (String option : options.isEmpty() ? new String[0] : options.split(",", -1)) {
      if (!TMPFS_FLAGS.contains(option) && !TMPFS_VALUE.matcher(option).matches()) {
        throw Refusal.invalid("invalid tmpfs option " + Refusal.quoted(option));
      }
    }
  }

  private static void checkNumbers(ContainerSpec spec) {
    if (spec.shmSizeBytes() < 0) {
      throw Refusal.invalid("SHM size can not be less than 0");
    }
    Integer score = spec.oomScoreAdjust();
    if (score != null && (score < -1000 || score > 1000)) {
      throw Refusal.invalid("Invalid value " + score + ", range for oom score adj is [-1000, 1000]");
    }
  }
}
