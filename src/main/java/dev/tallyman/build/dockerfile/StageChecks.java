package dev.tallyman.build.dockerfile;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The checks that need values of variables: goes through the stages as a build does, without doing anything. */
final class StageChecks {
  private static final Pattern BASE_NAME =
      Pattern.compile(
          "(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*)*(?::\\w[\\w.-]{0,127})?(?:@[a-z0-9]+:[0-9a-f]{32,})?");

  private static final int LONGEST_BASE_NAME = 512;
  private static final Pattern PLATFORM = Pattern.compile("[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+){0,2}");
  private static final String TARGET_PLATFORM = "TARGETPLATFORM";

  private final Dockerfile file;
  private final CheckFacts facts;
  private final Checks.Findings findings;
  private final Map<String, String> globals = new TreeMap<>();
  private final Set<String> declared = new TreeSet<>();
  private final Map<String, StageVariables> stages = new HashMap<>();

  StageChecks(Dockerfile file, CheckFacts facts, Checks.Findings findings) {
    this.file = file;
    this.facts = facts;
    this.findings = findings;
  }

  void run() {
    Map<String, String> defaults = new TreeMap<>(facts.platformArguments());
    setGlobals(defaults, Map.of());
    globals.putAll(facts.platformArguments());
    setGlobals(globals, facts.buildArguments());
    declared.addAll(globals.keySet());
    file.globals().forEach(arg -> arg.values().forEach(value -> declared.add(value.name())));
    StageWalk walk = null;
    int index = 0;
    for (Dockerfile.Line line : file.lines()) {
      if (line.instruction() instanceof Instruction.From from) {
        checkDefault(line.node(), from, defaults);
        StageVariables variables = begin(line.node(), from);
        stages.put(Integer.toString(index++), variables);
        if (from.alias() != null) {
          stages.put(from.alias(), variables);
        }
        walk = new StageWalk(file, facts, findings, globals, variables);
      } else if (walk != null) {
        walk.step(line.node(), line.instruction());
      }
    }
  }

  private void setGlobals(Map<String, String> into, Map<String, String> given) {
    for (Instruction.Arg arg : file.globals()) {
      for (Instruction.Arg.Value value : arg.values()) {
        String set = given.get(value.name());
        if (set == null && value.value() != null) {
          set = expanded(value.value(), file.words(Lookup.of(into)));
        }
        if (set != null) {
          into.put(value.name(), set);
        }
      }
    }
  }

  private void checkDefault(Node node, Instruction.From from, Map<String, String> defaults) {
    String base = expanded(from.image(), file.words(Lookup.of(defaults)));
    if (base != null && (base.length() > LONGEST_BASE_NAME || !BASE_NAME.matcher(base).matches())) {
      findings.add(CheckRule.INVALID_DEFAULT_ARG_IN_FROM, node, "Default value for ARG " + from.image() + " results in empty or invalid base image name");
    }
  }

  private StageVariables begin(Node node, Instruction.From from) {
    Words words = file.words(Lookup.of(globals));
    String base = expanded(from.image(), words);
    undeclared(node, words.missing());
    if (!from.platform().isEmpty()) {
      platform(node, from);
    }
    StageVariables above = base == null ? null : stages.get(base.toLowerCase(Locale.ROOT));
    if (above != null) {
      return above.child();
    }
    Map<String, String> known = "scratch".equals(base) ? Map.of() : base == null ? null : facts.environmentOf().apply(base);
    return new StageVariables(known == null ? Map.of() : known, known != null);
  }

  private void platform(Node node, Instruction.From from) {
    Set<String> asked = new TreeSet<>();
    Words words = file.words(name -> noted(name, asked));
    String platform = expanded(from.platform(), words);
    undeclared(node, words.missing());
    if (platform == null) {
      return;
    }
    if (asked.equals(Set.of(TARGET_PLATFORM)) && platform.equals(globals.get(TARGET_PLATFORM))) {
      String detail = "Setting platform to predefined " + from.platform() + " in FROM is redundant as this is the default behavior";
      findings.add(CheckRule.REDUNDANT_TARGET_PLATFORM, node, detail);
    }
    if (asked.isEmpty() && PLATFORM.matcher(platform).matches() && !speaksOf(from.alias(), platform)) {
      findings.add(CheckRule.FROM_PLATFORM_FLAG_CONST_DISALLOWED, node, "FROM --platform flag should not use constant value " + Quoting.quoted(platform));
    }
  }

  private @Nullable String noted(String name, Set<String> asked) {
    asked.add(name);
    return globals.get(name);
  }

  private static boolean speaksOf(@Nullable String stage, String platform) {
    String[] parts = platform.split("/", -1);
    return stage != null && List.of(parts).subList(0, Math.min(2, parts.length)).stream().anyMatch(stage::contains);
  }

  private void undeclared(Node node, Set<String> missing) {
    for (String name : new TreeSet<>(missing)) {
      if (!declared.contains(name)) {
        String near = Suggestion.nearestExact(name, declared);
        String hint = near.isEmpty() ? "" : " (did you mean " + near + "?)";
        findings.add(CheckRule.UNDEFINED_ARG_IN_FROM, node, "FROM argument '" + name + "' is not declared" + hint);
      }
    }
  }

  /** Null when the text is wrong: the build says so itself. */
  static @Nullable String expanded(String text, Words words) {
    try {
      return words.word(text);
    } catch (DockerfileException refused) {
      return null;
    }
  }
}
