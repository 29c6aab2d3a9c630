package dev.tallyman.dashboard.container;

import java.util.regex.Pattern;

/** Output of programs as plain text: what would steer a terminal is taken out. */
public final class TerminalText {
  /** ECMA-48: control sequences, strings of OSC, DCS, SOS, PM and APC, and two-character escapes. */
  private static final Pattern ESCAPES =
      Pattern.compile("\\x1b\\[[0-?]*[ -/]*[@-~]|\\x1b[\\]PX^_][^\\x07\\x1b]*+(?:\\x07|\\x1b\\\\)?|\\x1b[ -/]*[0-~]?");

  /** C0 but tab and newline, DEL, C1, and the marks that turn the direction of writing. */
  private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]");

  private TerminalText() {}

  public static String plain(String text) {
    return CONTROLS.matcher(ESCAPES.matcher(text).replaceAll("").replace("\r\n", "\n").replace('\r', '\n')).replaceAll("");
  }
}
