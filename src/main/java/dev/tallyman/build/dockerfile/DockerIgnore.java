package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which paths are left out: the patterns of a {@code .dockerignore}, or of {@code --exclude}. A path is out when the last pattern that
 * matches it or a folder above it has no {@code !} in front. Not for use by several threads.
 */
public final class DockerIgnore {
  static final int MAX_PATTERNS = 5_000;
  static final int MAX_PATTERN_LENGTH = 1024;
  private static final int REMEMBERED_FOLDERS = 512;

  private final List<Rule> rules;
  private final Map<String, boolean[]> folders =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, boolean[]> eldest) {
          return size() > REMEMBERED_FOLDERS;
        }
      };

  private record Rule(String text, PathPattern pattern, boolean isException) {}

  private DockerIgnore(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /**
   * Reads a file: a pattern a line, {@code #} as the first character makes a remark.
   *
   * @throws DockerfileException for a pattern that is none, with its line
   */
  public static DockerIgnore parse(String text) {
    List<Rule> rules = new ArrayList<>();
    StepBudget budget = PathPattern.newBudget();
    int number = 0;
    for (String line : (text.startsWith("\ufeff") ? text.substring(1) : text).split("\n", -1)) {
      number++;
      if (!line.startsWith("#")) {
        add(rules, budget, line, "failed to read .dockerignore on line " + number + ": ");
      }
    }
    return new DockerIgnore(rules);
  }

  /** Of single patterns; throws {@link DockerfileException}. */
  public static DockerIgnore of(List<String> patterns) {
    List<Rule> rules = new ArrayList<>();
    StepBudget budget = PathPattern.newBudget();
    patterns.forEach(pattern -> add(rules, budget, pattern, "invalid exclude pattern: "));
    return new DockerIgnore(rules);
  }

  private static void add(List<Rule> rules, StepBudget budget, String written, String refusal) {
    String text = Blanks.trimmed(written);
    boolean isException = text.startsWith("!");
    String pattern = isException ? Blanks.trimmed(text.substring(1)) : text;
    if (text.isEmpty()) {
      return;
    }
    if (pattern.isEmpty()) {
      throw new DockerfileException(refusal + "illegal exclusion pattern: \"!\"");
    }
    if (pattern.length() > MAX_PATTERN_LENGTH || rules.size() >= MAX_PATTERNS) {
      throw new DockerfileException(refusal + "there are at most " + MAX_PATTERNS + " patterns of at most " + MAX_PATTERN_LENGTH + " characters");
    }
    String clean = cleaned(pattern);
    String relative = clean.length() > 1 && clean.startsWith("/") ? clean.substring(1) : clean;
    try {
      rules.add(new Rule(relative, PathPattern.of(relative, budget), isException));
    } catch (DockerfileException refused) {
      throw new DockerfileException(refusal + refused.reason());
    }
  }

  /** Without empty parts, parts of one dot, and parts that two dots take back. */
  static String cleaned(String path) {
    List<String> parts = new ArrayList<>();
    boolean isRooted = path.startsWith("/");
    for (String part : path.split("/", -1)) {
      boolean hasParent = !parts.isEmpty() && !parts.get(parts.size() - 1).equals("..");
      if (part.equals("..") && hasParent) {
        parts.remove(parts.size() - 1);
      } else if (!part.isEmpty() && !part.equals(".") && !(part.equals("..") && isRooted)) {
        parts.add(part);
      }
    }
    String joined = String.join("/", parts);
    return isRooted ? "/" + joined : joined.isEmpty() ? "." : joined;
  }

  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether a pattern takes something back: only then can something below a folder that is out be in. */
  public boolean hasExceptions() {
    return rules.stream().anyMatch(Rule::isException);
  }

  /** Whether one of these patterns is there as it stands. */
  boolean hasAny(List<String> patterns) {
    return rules.stream().anyMatch(rule -> !rule.isException() && patterns.contains(rule.text()));
  }

  /**
   * @param path relative, parts joined by slashes, no slash at either end
   * @throws DockerfileException when all questions together took too long
   */
  public boolean excludes(String path) {
    boolean[] above = above(path);
    boolean isOut = false;
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      if (rule.isException() == isOut && (above[i] || rule.pattern().matches(path))) {
        isOut = !rule.isException();
      }
    }
    return isOut;
  }

  /** For each pattern: whether it matches a folder above the path. */
  private boolean[] above(String path) {
    boolean[] matched = new boolean[rules.size()];
    int slash = path.lastIndexOf('/');
    String folder = slash < 0 ? "" : path.substring(0, slash);
    boolean[] known = folders.get(folder);
    if (known != null || folder.isEmpty()) {
      return known != null ? known : matched;
    }
    for (int end = folder.indexOf('/'); ; end = folder.indexOf('/', end + 1)) {
      String part = end < 0 ? folder : folder.substring(0, end);
      boolean[] before = folders.get(part);
      matched = before != null ? before : folder(part, matched);
      if (end < 0) {
        return matched;
      }
    }
  }

  private boolean[] folder(String folder, boolean[] above) {
    boolean[] matched = above.clone();
    for (int i = 0; i < matched.length; i++) {
      matched[i] |= rules.get(i).pattern().matches(folder);
    }
    folders.put(folder, matched);
    return matched;
  }
}
