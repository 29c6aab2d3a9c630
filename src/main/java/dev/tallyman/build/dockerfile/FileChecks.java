package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The checks that need the text only. */
final class FileChecks {
  private static final Set<String> RESERVED = Set.of("context", "scratch");

  /** A whole name, or its first, last or a middle word, that speaks of a secret. */
  private static final Pattern SECRET =
      Pattern.compile("(?:_|^)(?:apikey|auth|credential|credentials|key|password|pword|passwd|secret|token)(?:_|$)", Pattern.CASE_INSENSITIVE);

  private static final Pattern NO_SECRET = Pattern.compile("(?:_|^)(?:public|file|version)(?:_|$)", Pattern.CASE_INSENSITIVE);

  private final Dockerfile file;
  private final Checks.Findings findings;

  FileChecks(Dockerfile file, Checks.Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  void run() {
    Set<String> names = new HashSet<>();
    for (Dockerfile.Line line : file.lines()) {
      Node node = line.node();
      if (line.instruction() instanceof Instruction.From from) {
        stage(node, from, names);
      } else if (line.instruction() instanceof Instruction.Maintainer) {
        findings.add(CheckRule.MAINTAINER_DEPRECATED, node, "Maintainer instruction is deprecated in favor of using label");
      } else if (line.instruction() instanceof Instruction.Env env) {
        env.pairs().forEach(pair -> secret(node, "ENV", pair.key()));
        legacy(node, env.pairs());
      } else if (line.instruction() instanceof Instruction.Label label) {
        legacy(node, label.pairs());
      } else if (line.instruction() instanceof Instruction.Arg arg) {
        List<String> keys = arg.values().stream().map(Instruction.Arg.Value::name).toList();
        keys.forEach(key -> secret(node, "ARG", key));
        description(node, "ARG", keys);
      }
    }
    casing();
  }

  private void stage(Node node, Instruction.From from, Set<String> names) {
    String name = from.alias();
    if (name == null) {
      return;
    }
    String written = node.arguments().get(2);
    if (!written.equals(written.toLowerCase(Locale.ROOT))) {
      findings.add(CheckRule.STAGE_NAME_CASING, node, "Stage name '" + written + "' should be lowercase");
    }
    String as = node.arguments().get(1);
    boolean isMixed = !isUpper(node.keyword()) && !isLower(node.keyword());
    if (!isMixed && !(isLower(node.keyword()) ? isLower(as) : isUpper(as))) {
      findings.add(CheckRule.FROM_AS_CASING, node, "'" + as + "' and '" + node.keyword() + "' keywords' casing do not match");
    }
    description(node, "FROM", List.of(name));
    if (RESERVED.contains(name)) {
      findings.add(CheckRule.RESERVED_STAGE_NAME, node, "Stage name should not use the same name as reserved stage " + Quoting.quoted(name));
    }
    if (!names.add(name)) {
      findings.add(CheckRule.DUPLICATE_STAGE_NAME, node, "Duplicate stage name " + Quoting.quoted(name) + ", stage names should be unique");
    }
  }

  private void description(Node node, String instruction, List<String> names) {
    if (node.comments().isEmpty() || names.contains(node.comments().get(node.comments().size() - 1).split(" ", 2)[0])) {
      return;
    }
    String example = names.size() > 1 ? "<arg_key>" : names.get(0);
    findings.add(CheckRule.INVALID_DEFINITION_DESCRIPTION, node, "Comment for " + instruction + " should follow the format: `# " + example + " <description>`");
  }

  private void secret(Node node, String instruction, String key) {
    if (SECRET.matcher(key).find() && !NO_SECRET.matcher(key).find()) {
      String detail = "Do not use ARG or ENV instructions for sensitive data (" + instruction + " " + Quoting.quoted(key) + ")";
      findings.add(CheckRule.SECRETS_USED_IN_ARG_OR_ENV, node, detail);
    }
  }

  private void legacy(Node node, List<Pair> pairs) {
    String name = node.keyword();
    for (Pair pair : pairs) {
      if (pair.legacy()) {
        String detail = "\"" + name + " key=value\" should be used instead of legacy \"" + name + " key value\" format";
        findings.add(CheckRule.LEGACY_KEY_VALUE_FORMAT, node, detail);
      }
    }
  }

  private void casing() {
    List<Node> counted = new ArrayList<>();
    for (Dockerfile.Line line : file.lines()) {
      if (line.instruction() instanceof Instruction.From || !counted.isEmpty()) {
        counted.add(line.node());
      }
    }
    long lower = counted.stream().filter(node -> isLower(node.keyword())).count();
    long upper = counted.stream().filter(node -> isUpper(node.keyword())).count();
    for (Node node : counted) {
      if (!(lower > upper ? isLower(node.keyword()) : isUpper(node.keyword()))) {
        String wanted = lower > upper ? "lowercase" : "uppercase";
        String detail = "Command '" + node.keyword() + "' should match the case of the command majority (" + wanted + ")";
        findings.add(CheckRule.CONSISTENT_INSTRUCTION_CASING, node.at().line(), detail);
      }
    }
  }

  private static boolean isLower(String text) {
    return text.equals(text.toLowerCase(Locale.ROOT));
  }

  private static boolean isUpper(String text) {
    return text.equals(text.toUpperCase(Locale.ROOT));
  }
}
