package dev.tallyman.testing;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tiny sh: {@code ;}, newline, {@code &&}, {@code ||}, quotes, {@code $NAME}, {@code > file}, {@code >&2}, {@code for}, {@code while},
 * {@code trap}; the commands are in {@link FakeCommands}.
 */
final class FakeShell {
  private static final List<String> OPERATORS = List.of(";", "&&", "||", ">", ">>", ">&2", "1>&2", "2>&1", "&");

  private final FakeProcess process;
  private final Map<String, String> variables;
  private final FakeCommands commands;
  private int status;

  FakeShell(FakeProcess process) {
    this.process = process;
    this.variables = new HashMap<>(process.setup.environment());
    this.commands = new FakeCommands(process);
  }

  /** Runs a program with its arguments as execve would; the answer is its exit code. */
  int run(List<String> args) {
    String name = args.get(0).substring(args.get(0).lastIndexOf('/') + 1);
    if (!List.of("sh", "bash", "ash").contains(name)) {
      return commands.run(args, false);
    }
    if (args.size() > 2 && args.get(1).startsWith("-") && args.get(1).endsWith("c")) {
      for (int i = 3; i < args.size(); i++) {
        variables.put(String.valueOf(i - 3), args.get(i));
      }
      return script(args.get(2));
    }
    return interactive();
  }

  private int interactive() {
    StringBuilder line = new StringBuilder();
    prompt();
    byte[] bytes;
    while ((bytes = process.read()) != null) {
      line.append(new String(bytes, StandardCharsets.UTF_8));
      int end;
      while ((end = line.indexOf("\n")) >= 0) {
        String next = line.substring(0, end);
        line.delete(0, end + 1);
        script(next);
        prompt();
      }
    }
    return line.length() > 0 ? script(line.toString()) : status;
  }

  private void prompt() {
    if (process.setup.isTty()) {
      process.write(false, "/ # ".getBytes(StandardCharsets.UTF_8));
    }
  }

  int script(String text) {
    execute(tokens(text));
    return status;
  }

  private void execute(List<String> tokens) {
    int at = 0;
    boolean isSkipped = false;
    while (at < tokens.size()) {
      int end = endOfStatement(tokens, at);
      if (!isSkipped) {
        statement(tokens.subList(at, end));
      }
      String operator = end < tokens.size() ? tokens.get(end) : ";";
      isSkipped = operator.equals("&&") ? status != 0 : operator.equals("||") && status == 0;
      at = end + 1;
    }
  }

  private static int endOfStatement(List<String> tokens, int from) {
    int depth = 0;
    for (int i = from; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (token.equals("for") || token.equals("while")) {
        depth++;
      } else if (token.equals("done")) {
        depth--;
      } else if (depth <= 0 && (token.equals(";") || token.equals("&&") || token.equals("||") || token.equals("&"))) {
        return i;
      }
    }
    return tokens.size();
  }

  private void statement(List<String> tokens) {
    if (tokens.isEmpty()) {
      return;
    }
    if (tokens.get(0).equals("for") || tokens.get(0).equals("while")) {
      loop(tokens);
      return;
    }
    List<String> words = new ArrayList<>();
    boolean toErrors = false;
    String file = null;
    boolean appends = false;
    for (int i = 0; i < tokens.size(); i++) {
      String token = tokens.get(i);
      if (token.equals(">&2") || token.equals("1>&2")) {
        toErrors = true;
      } else if (token.equals(">") || token.equals(">>")) {
        appends = token.equals(">>");
        file = expand(tokens.get(++i));
      } else if (!token.equals("2>&1")) {
        words.add(expand(token));
      }
    }
    if (words.get(0).matches("[A-Za-z_]\\w*=.*")) {
      variables.put(words.get(0).substring(0, words.get(0).indexOf('=')), words.get(0).substring(words.get(0).indexOf('=') + 1));
      return;
    }
    status = file == null ? commands.run(words, toErrors) : commands.runInto(words, file, appends);
  }

  private void loop(List<String> tokens) {
    int start = tokens.indexOf("do");
    List<String> head = tokens.subList(1, start);
    List<String> body = tokens.subList(start + 1, tokens.size() - 1);
    if (tokens.get(0).equals("for")) {
      List<String> values = head.subList(2, head.contains(";") ? head.indexOf(";") : head.size());
      for (String value : values.stream().flatMap(each -> Arrays.stream(expand(each).split("\\s+"))).toList()) {
        variables.put(head.get(0), value);
        execute(body);
      }
      return;
    }
    while (true) {
      execute(head);
      if (status != 0) {
        return;
      }
      execute(body);
      process.sleep(1);
    }
  }

  static List<String> tokens(String text) {
    List<String> tokens = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote != 0) {
        word.append(c);
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
        word.append(c);
      } else if (c == '\\' && i + 1 < text.length()) {
        word.append(c).append(text.charAt(++i));
      } else if (c == '\n' || Character.isWhitespace(c)) {
        finish(tokens, word);
        if (c == '\n' && !tokens.isEmpty() && !tokens.get(tokens.size() - 1).equals("do")) {
          tokens.add(";");
        }
      } else {
        String operator = operatorAt(text, i);
        if (operator == null) {
          word.append(c);
        } else {
          finish(tokens, word);
          tokens.add(operator);
          i += operator.length() - 1;
        }
      }
    }
    finish(tokens, word);
    return tokens;
  }

  private static @Nullable String operatorAt(String text, int at) {
    return OPERATORS.stream().filter(each -> text.startsWith(each, at)).max(Comparator.comparingInt(String::length)).orElse(null);
  }

  private static void finish(List<String> tokens, StringBuilder word) {
    if (word.length() > 0) {
      tokens.add(word.toString());
      word.setLength(0);
    }
  }

  private String expand(String word) {
    StringBuilder out = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < word.length(); i++) {
      char c = word.charAt(i);
      if (quote == '\'') {
        if (c == '\'') {
          quote = 0;
        } else {
          out.append(c);
        }
      } else if (c == '"') {
        quote = quote == '"' ? (char) 0 : '"';
      } else if (c == '\'' && quote == 0) {
        quote = '\'';
      } else if (c == '\\' && i + 1 < word.length()) {
        out.append(word.charAt(++i));
      } else if (c == '$' && i + 1 < word.length()) {
        boolean isBraced = word.charAt(i + 1) == '{';
        int from = i + (isBraced ? 2 : 1);
        int to = from;
        while (to < word.length() && (Character.isLetterOrDigit(word.charAt(to)) || word.charAt(to) == '_' || (to == from && "?$".indexOf(word.charAt(to)) >= 0))) {
          to++;
        }
        String name = word.substring(from, to);
        out.append(name.equals("?") ? String.valueOf(status) : name.equals("$") ? "1" : variables.getOrDefault(name, ""));
        i = isBraced ? to : to - 1;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
