package dev.tallyman.log.forward;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/**
 * Writes lines as dockerd does: a tag instead of the name of a program, the server's process as the sender.
 *
 * @param name empty (as the local syslog takes it: without a host), rfc3164, rfc5424, rfc5424micro
 * @param facility number or name
 */
record SyslogFormat(String name, String facility, String host, String tag, long pid, ZoneId zone) {
  private static final List<String> FACILITIES =
      List.of(
          "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "", "", "", "", "local0", "local1", "local2", "local3", "local4", "local5",
          "local6", "local7");
  private static final int DAEMON = 3;
  private static final int ERROR = 3;
  private static final int INFORMATION = 6;

  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH);
  private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ssXXX", Locale.ENGLISH);
  private static final DateTimeFormatter MICROS = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX", Locale.ENGLISH);

  String message(Line line) {
    ZonedDateTime at = line.at().atZone(zone);
    String head = "<" + (number() * 8 + (line.isError() ? ERROR : INFORMATION)) + ">";
    String text = line.text();
    return switch (name) {
      case "rfc5424", "rfc5424micro" ->
          head + "1 " + (name.equals("rfc5424") ? SECONDS : MICROS).format(at) + " " + host + " " + tag + " " + pid + " " + tag + " - " + text;
      case "rfc3164" -> head + STAMP.format(at) + " " + host + " " + tag + "[" + pid + "]: " + text;
      default -> head + STAMP.format(at) + " " + tag + "[" + pid + "]: " + text;
    };
  }

  private int number() {
    if (facility.isEmpty()) {
      return DAEMON;
    }
    return facility.matches("\\d+") ? Integer.parseInt(facility) : FACILITIES.indexOf(facility);
  }
}
