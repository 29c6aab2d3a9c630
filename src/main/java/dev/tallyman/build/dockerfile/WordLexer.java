package dev.tallyman.build.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** One pass over a text: quotes, escapes and variables. What it made is {@link #result} and, split at blanks, {@link #words}. */
final class WordLexer {
  /** How much of the text's marks stays. */
  enum Mode {
    /** Quotes and escapes are undone. */
    PLAIN(false, false, true, false),
    /** Quotes are ordinary characters. */
    TEXT(false, false, false, false),
    /** As PLAIN, but variables stay as they are: for names of here-documents. */
    NAME(false, false, true, true),
    /** As NAME, and quotes stay. */
    QUOTED_NAME(true, false, true, true),
    /** Everything stays; only the split at blanks counts. */
    SPLIT(true, true, true, true);

    private final boolean keepsQuotes;
    private final boolean keepsEscapes;
    private final boolean knowsQuotes;
    private final boolean keepsUnset;

    Mode(boolean keepsQuotes, boolean keepsEscapes, boolean knowsQuotes, boolean keepsUnset) {
      this.keepsQuotes = keepsQuotes;
      this.keepsEscapes = keepsEscapes;
      this.knowsQuotes = knowsQuotes;
      this.keepsUnset = keepsUnset;
    }
  }

  private static final int END = -1;

  private final int[] text;
  private final Lookup variables;
  private final int escape;
  private final Mode mode;
  private final StepBudget budget;
  private final WordSplitter splitter = new WordSplitter();
  private boolean keepsEscapes;
  private int at;
  private int depth;
  private String result = "";

  private WordLexer(String text, Lookup variables, char escape, Mode mode, StepBudget budget) {
    this.text = text.codePoints().toArray();
    this.variables = variables;
    this.escape = escape;
    this.mode = mode;
    this.budget = budget;
    this.keepsEscapes = mode.keepsEscapes;
  }

  static WordLexer run(String text, Lookup variables, char escape, Mode mode, StepBudget budget) {
    WordLexer lexer = new WordLexer(text, variables, escape, mode, budget);
    try {
      lexer.result = lexer.until(END, mode.keepsEscapes, lexer.splitter);
    } catch (DockerfileException refused) {
      throw new DockerfileException("failed to process " + Quoting.quoted(text) + ": " + refused.reason());
    }
    return lexer;
  }

  String result() {
    return result;
  }

  List<String> words() {
    return splitter.words();
  }

  private String until(int stop, boolean rawEscapes, WordSplitter into) {
    boolean before = keepsEscapes;
    keepsEscapes = rawEscapes;
    StringBuilder out = new StringBuilder();
    while (peek() != END) {
      int c = peek();
      budget.take(1);
      if (stop != END && c == stop) {
        at++;
        keepsEscapes = before;
        return out.toString();
      }
      step(c, out, into);
      bounded(out.length());
    }
    if (stop != END) {
      throw new DockerfileException("unexpected end of statement while looking for matching " + Character.toString(stop));
    }
    keepsEscapes = before;
    return out.toString();
  }

  private void step(int c, StringBuilder out, WordSplitter into) {
    if (c == '$') {
      String value = variable();
      budget.take(value.length());
      out.append(value);
      into.add(value);
    } else if (c == '<' || mode.knowsQuotes && (c == '\'' || c == '"')) {
      String value = c == '<' ? hereDocMark() : c == '"' ? doubleQuoted() : singleQuoted();
      out.append(value);
      into.addWhole(value);
    } else if (c == escape) {
      escaped(out, into);
    } else {
      at++;
      out.appendCodePoint(c);
      into.add(c);
    }
  }

  private void escaped(StringBuilder out, WordSplitter into) {
    int mark = next();
    if (keepsEscapes) {
      out.appendCodePoint(mark);
      into.addWhole(Character.toString(mark));
    }
    int c = next();
    if (c != END) {
      out.appendCodePoint(c);
      into.addWhole(Character.toString(c));
    }
  }

  /** {@code <<} and the blanks after it stay in one word with the name that follows. */
  private String hereDocMark() {
    at++;
    if (peek() != '<') {
      return "<";
    }
    at++;
    StringBuilder out = new StringBuilder("<<");
    while (peek() == ' ' || peek() == '\t' || peek() == '\r') {
      out.appendCodePoint(next());
    }
    return out.toString();
  }

  private String singleQuoted() {
    at++;
    StringBuilder out = new StringBuilder(mode.keepsQuotes ? "'" : "");
    while (true) {
      int c = next();
      if (c == END) {
        throw new DockerfileException("unexpected end of statement while looking for matching single-quote");
      }
      if (c == '\'') {
        return mode.keepsQuotes ? out.append('\'').toString() : out.toString();
      }
      out.appendCodePoint(c);
    }
  }

  private String doubleQuoted() {
    at++;
    StringBuilder out = new StringBuilder(mode.keepsQuotes ? "\"" : "");
    while (true) {
      int c = peek();
      bounded(out.length());
      if (c == END) {
        throw new DockerfileException("unexpected end of statement while looking for matching double-quote");
      } else if (c == '"') {
        at++;
        return mode.keepsQuotes ? out.append('"').toString() : out.toString();
      } else if (c == '$') {
        String value = variable();
        budget.take(value.length());
        out.append(value);
      } else {
        at++;
        if (c == escape) {
          escapedInQuotes(out);
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }

  /** Between double quotes the escape character is one only before {@code "}, {@code $} and itself. */
  private void escapedInQuotes(StringBuilder out) {
    if (keepsEscapes) {
      out.appendCodePoint(escape);
    }
    int c = peek();
    if (c == '"' || c == '$' || c == escape) {
      out.appendCodePoint(next());
    } else if (c != END) {
      out.appendCodePoint(escape);
    }
  }

  private String variable() {
    at++;
    if (peek() != '{') {
      String name = name();
      if (name.isEmpty()) {
        return "$";
      }
      String value = variables.get(name);
      return value != null ? value : mode.keepsUnset ? "$" + name : "";
    }
    at++;
    if (++depth > Words.MAX_DEPTH) {
      throw new DockerfileException("substitutions are nested more than " + Words.MAX_DEPTH + " times");
    }
    String value = braced();
    depth--;
    return value;
  }

  private String braced() {
    int first = peek();
    if (first == END) {
      throw missingBrace();
    }
    if (first == '{' || first == '}' || first == ':') {
      throw new DockerfileException("syntax error: bad substitution");
    }
    String name = name();
    int c = next();
    return switch (c) {
      case '}' -> plain(name);
      case ':' -> alternative(name, next(), true);
      case '+', '-', '?', '#', '%' -> alternative(name, c, false);
      case '/' -> replaced(name);
      case END -> throw missingBrace();
      default -> throw unsupported(Character.toString(c));
    };
  }

  private String plain(String name) {
    String value = variables.get(name);
    return value != null ? value : mode.keepsUnset ? "${" + name + "}" : "";
  }

  private String alternative(String name, int operator, boolean emptyIsUnset) {
    String operatorText = (emptyIsUnset ? ":" : "") + (operator == END ? "" : Character.toString(operator));
    boolean isTrim = operator == '#' || operator == '%';
    if (emptyIsUnset && isTrim) {
      throw unsupported(operatorText);
    }
    String word = part('}', isTrim, "syntax error: missing '}'");
    String value = variables.get(name);
    if (value == null && mode.keepsUnset) {
      return "${" + name + operatorText + word + "}";
    }
    boolean isUnset = value == null || emptyIsUnset && value.isEmpty();
    String given = value == null ? "" : value;
    return switch (operator) {
      case '-' -> isUnset ? word : given;
      case '+' -> isUnset ? "" : word;
      case '?' -> {
        if (isUnset) {
          String reason = word.isEmpty() ? "is not allowed to be " + (value == null ? "unset" : "empty") : word;
          throw new DockerfileException(name + ": " + reason);
        }
        yield given;
      }
      case '#', '%' -> trimmed(given, word, operator);
      default -> throw unsupported(operatorText);
    };
  }

  private String trimmed(String value, String word, int operator) {
    boolean isLongest = !word.isEmpty() && word.charAt(0) == operator;
    ShellPattern pattern = ShellPattern.of(isLongest ? word.substring(1) : word, budget);
    return operator == '#' ? pattern.withoutPrefix(value, isLongest) : pattern.withoutSuffix(value, isLongest);
  }

  private String replaced(String name) {
    boolean all = peek() == '/';
    if (all) {
      at++;
    }
    String pattern = part('/', true, "syntax error: missing '/' in ${}");
    String replacement = part('}', true, "syntax error: missing '}'");
    String value = variables.get(name);
    if (value == null && mode.keepsUnset) {
      return "${" + name + "/" + pattern + "/" + replacement + "}";
    }
    return ShellPattern.of(pattern, budget).replaced(value == null ? "" : value, replacement, all);
  }

  private String part(int stop, boolean rawEscapes, String atEnd) {
    try {
      return until(stop, rawEscapes, new WordSplitter());
    } catch (DockerfileException refused) {
      throw peek() == END ? new DockerfileException(atEnd) : refused;
    }
  }

  private String name() {
    int start = at;
    if (Character.isDigit(peek())) {
      while (Character.isDigit(peek())) {
        at++;
      }
    } else if (peek() != END && "@*#?-$!".indexOf(peek()) >= 0) {
      at++;
    } else {
      while (peek() != END && (Character.isLetterOrDigit(peek()) || peek() == '_')) {
        at++;
      }
    }
    return new String(text, start, at - start);
  }

  private int peek() {
    return at < text.length ? text[at] : END;
  }

  private int next() {
    return at < text.length ? text[at++] : END;
  }

  private static void bounded(int length) {
    if (length > Words.MAX_RESULT) {
      throw new DockerfileException("the expanded text has more than " + Words.MAX_RESULT + " characters");
    }
  }

  private static DockerfileException missingBrace() {
    return new DockerfileException("syntax error: missing '}'");
  }

  private static DockerfileException unsupported(String operator) {
    return new DockerfileException("unsupported modifier (" + operator + ") in substitution");
  }
}
