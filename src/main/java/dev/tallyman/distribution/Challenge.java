package dev.tallyman.distribution;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a registry wants to see first (RFC 9110, 11.6.1). @param scheme lower case: bearer, basic, or empty for one that is not known */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int LONGEST = 8192;
  private static final Pattern PARAMETER = Pattern.compile("\\s*([A-Za-z]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]*+))\\s*,?");

  static Challenge parse(String header) {
    String text = header.length() > LONGEST ? header.substring(0, LONGEST) : header;
    int space = text.indexOf(' ');
    String scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase(Locale.ROOT);
    Map<String, String> found = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(text);
    int at = Math.max(space, 0);
    while (space >= 0 && at < text.length() && matcher.find(at) && matcher.start() == at) {
      String value = matcher.group(2) == null ? matcher.group(3) : matcher.group(2).replaceAll("\\\\(.)", "$1");
      found.putIfAbsent(matcher.group(1).toLowerCase(Locale.ROOT), value);
      at = matcher.end();
    }
    return new Challenge(scheme, Map.copyOf(found));
  }

  String get(String name) {
    return parameters.getOrDefault(name, "");
  }
}
