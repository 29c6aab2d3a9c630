package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * The 21 build checks of Docker: remarks on a Dockerfile that builds all the same. {@code # check=skip=…;error=true} at the top holds for the
 * file, directly above an instruction for that one.
 *
 * @param warnings by line
 * @param isError whether the file wants to fail when there are any
 */
public record Checks(List<Warning> warnings, boolean isError) {
  public Checks {
    warnings = List.copyOf(warnings);
  }

  /** What stands out in a file. */
  public static Checks of(Dockerfile file, CheckFacts facts) {
    CheckOptions options = file.checkOptions();
    Findings findings = new Findings(options);
    for (Warning warning : file.warnings()) {
      findings.add(CheckRule.NO_EMPTY_CONTINUATION, warning.line(), warning.detail());
    }
    new FileChecks(file, findings).run();
    new StageChecks(file, facts, findings).run();
    return new Checks(findings.sorted(), options.isError());
  }

  /** Whether the build must not go on, and {@link #refusal} says why. */
  public boolean refuses() {
    return isError && !warnings.isEmpty();
  }

  /** The text that Docker has for it. */
  public String refusal() {
    TreeSet<String> rules = new TreeSet<>();
    warnings.forEach(warning -> rules.add(warning.rule()));
    return "lint violation found for rules: " + String.join(", ", rules);
  }

  /** Collects what is found and not switched off: at most {@value #MOST}, each text cut to {@value #LONGEST} characters. */
  static final class Findings {
    static final int MOST = 500;
    private static final int LONGEST = 500;
    private final CheckOptions options;
    private final List<Warning> found = new ArrayList<>();

    Findings(CheckOptions options) {
      this.options = options;
    }

    void add(CheckRule rule, int line, String detail) {
      add(options, rule, line, detail);
    }

    void add(CheckRule rule, Node node, String detail) {
      add(options.with(node.comments()), rule, node.at().line(), detail);
    }

    private void add(CheckOptions applying, CheckRule rule, int line, String detail) {
      if (!isFull() && applying.isOn(rule)) {
        found.add(rule.warning(line, detail.length() > LONGEST ? detail.substring(0, LONGEST) + "…" : detail));
      }
    }

    boolean isFull() {
      return found.size() >= MOST;
    }

    List<Warning> sorted() {
      return found.stream().sorted(Comparator.comparingInt(Warning::line)).toList();
    }
  }
}
