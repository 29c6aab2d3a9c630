package dev.tallyman.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Applies the Dockerfile instructions of {@code docker import --change} and {@code docker commit --change} to a configuration. */
public final class ConfigChanges {
  private static final int LONGEST = 65_536;
  private static final int MOST = 1_000;
  private static final Pattern PORT = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?(?:/([A-Za-z]+))?");
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
  private static final int HIGHEST_PORT = 65_535;

  private String user;
  private final Set<String> ports;
  private final Map<String, String> env = new LinkedHashMap<>();
  private List<String> entrypoint;
  private List<String> cmd;
  private final Set<String> volumes;
  private String workingDir;
  private final Map<String, String> labels;
  private String stopSignal;
  private final List<String> shell;
  private final List<String> onBuild;
  private ImageConfig.@Nullable Healthcheck healthcheck;
  private boolean hasSetCmd;

  private ConfigChanges(ImageConfig from) {
    user = from.user();
    ports = new LinkedHashSet<>(from.exposedPorts());
    from.env().forEach(each -> putEnv(each));
    entrypoint = from.entrypoint();
    cmd = from.cmd();
    volumes = new LinkedHashSet<>(from.volumes());
    workingDir = from.workingDir();
    labels = new LinkedHashMap<>(from.labels());
    stopSignal = from.stopSignal();
    shell = from.shell();
    onBuild = new ArrayList<>(from.onBuild());
    healthcheck = from.healthcheck();
  }

  /**
   * @param changes each one instruction, or several on lines of their own
   * @throws TallymanException INVALID for an unknown or malformed instruction
   */
  public static ImageConfig apply(ImageConfig from, List<String> changes) {
    ConfigChanges result = new ConfigChanges(from);
    List<String> lines = changes.stream().flatMap(each -> lines(each).stream()).toList();
    if (lines.size() > MOST) {
      throw invalid("more than " + MOST + " changes");
    }
    lines.forEach(result::change);
    return result.config();
  }

  /** Joins lines that end in a backslash; drops comments and empty lines. */
  private static List<String> lines(String text) {
    if (text.length() > LONGEST || text.indexOf('\0') >= 0) {
      throw invalid("a change is longer than " + LONGEST + " characters or has a NUL character");
    }
    List<String> lines = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      String bare = line.strip();
      if (bare.startsWith("#")) {
        continue;
      }
      boolean goesOn = bare.endsWith("\\");
      open.append(goesOn ? bare.substring(0, bare.length() - 1) : bare);
      if (!goesOn) {
        lines.add(open.toString().strip());
        open.setLength(0);
      }
    }
    lines.add(open.toString().strip());
    lines.removeIf(String::isEmpty);
    return lines;
  }

  private void change(String line) {
    String[] parts = line.split("\\s+", 2);
    String word = parts[0].toUpperCase(Locale.ROOT);
    String rest = parts.length > 1 ? parts[1].strip() : "";
    if (rest.isEmpty()) {
      throw invalid(Texts.shortened(word) + " requires an argument");
    }
    switch (word) {
      case "CMD" -> {
        cmd = command(rest);
        hasSetCmd = true;
      }
      case "ENTRYPOINT" -> setEntrypoint(rest);
      case "ENV" -> pairs(word, rest).forEach(env::put);
      case "EXPOSE" -> words(rest).forEach(this::expose);
      case "LABEL" -> labels.putAll(pairs(word, rest));
      case "USER" -> user = one(rest);
      case "VOLUME" -> volumes.addAll(volumes(rest));
      case "WORKDIR" -> workingDir = directory(one(rest));
      case "STOPSIGNAL" -> stopSignal = signal(one(rest));
      case "HEALTHCHECK" -> healthcheck = HealthcheckChange.parse(rest, this::command);
      case "ONBUILD" -> onBuild.add(trigger(rest));
      default -> throw invalid(Texts.shortened(parts[0]) + " is not a valid change command");
    }
  }

  private void setEntrypoint(String rest) {
    entrypoint = command(rest);
    if (!hasSetCmd) {
      // As docker build does: the inherited CMD belonged to the inherited ENTRYPOINT.
      cmd = List.of();
    }
  }

  /** The JSON form is taken as it stands, anything else is a line for the shell. */
  private List<String> command(String rest) {
    List<String> list = jsonList(rest);
    if (list != null) {
      return list;
    }
    List<String> command = new ArrayList<>(shell.isEmpty() ? List.of("/bin/sh", "-c") : shell);
    command.add(rest);
    return List.copyOf(command);
  }

  private static @Nullable List<String> jsonList(String text) {
    if (!text.startsWith("[")) {
      return null;
    }
    JsonNode node;
    try {
      node = StrictJson.parse(text, "list");
    } catch (TallymanException e) {
      return null;
    }
    List<String> list = new ArrayList<>();
    for (JsonNode each : node) {
      if (!each.isTextual()) {
        return null;
      }
      list.add(each.textValue());
    }
    return List.copyOf(list);
  }

  private Map<String, String> pairs(String word, String rest) {
    Map<String, String> pairs = new LinkedHashMap<>();
    String first = rest.split("\\s", 2)[0];
    if (first.indexOf('=') < 0) {
      // The old form: one name, then its value to the end of the line.
      String[] parts = rest.split("\\s+", 2);
      if (parts.length < 2) {
        throw invalid(word + " must have two arguments");
      }
      put(word, pairs, one(parts[0]), one(parts[1]));
      return pairs;
    }
    for (String each : words(rest)) {
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw invalid("Syntax error - can't find = in \"" + Texts.shortened(each) + "\". Must be of the form: name=value");
      }
      put(word, pairs, each.substring(0, equals), each.substring(equals + 1));
    }
    return pairs;
  }

  private static void put(String word, Map<String, String> pairs, String name, String value) {
    if (name.isBlank()) {
      throw invalid(word + " names can not be blank");
    }
    pairs.put(name, value);
  }

  private void expose(String text) {
    Matcher matcher = PORT.matcher(text);
    String protocol = matcher.matches() && matcher.group(3) != null ? matcher.group(3).toLowerCase(Locale.ROOT) : "tcp";
    if (!matcher.matches() || !PROTOCOLS.contains(protocol)) {
      throw invalid("Invalid containerPort: " + Texts.shortened(text));
    }
    int low = Integer.parseInt(matcher.group(1));
    int high = matcher.group(2) == null ? low : Integer.parseInt(matcher.group(2));
    if (low < 1 || high > HIGHEST_PORT || low > high) {
      throw invalid("Invalid containerPort: " + Texts.shortened(text));
    }
    for (int port = low; port <= high; port++) {
      ports.add(port + "/" + protocol);
    }
  }

  private List<String> volumes(String rest) {
    List<String> list = jsonList(rest);
    List<String> found = list != null ? list : words(rest);
    if (found.stream().anyMatch(String::isBlank)) {
      throw invalid("VOLUME specified can not be an empty string");
    }
    return found;
  }

  private String directory(String path) {
    String whole = path.startsWith("/") ? path : workingDir + "/" + path;
    List<String> parts = new ArrayList<>();
    for (String part : whole.split("/")) {
      if (part.equals("..")) {
        if (!parts.isEmpty()) {
          parts.remove(parts.size() - 1);
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return "/" + String.join("/", parts);
  }

  private static String signal(String text) {
    if (!SignalNames.isSignal(text)) {
      throw invalid("invalid signal: " + Texts.shortened(text));
    }
    return text;
  }

  private static String trigger(String rest) {
    String word = rest.split("\\s+", 2)[0].toUpperCase(Locale.ROOT);
    if (word.equals("ONBUILD")) {
      throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
    }
    if (word.equals("MAINTAINER") || word.equals("FROM")) {
      throw invalid(word + " isn't allowed as an ONBUILD trigger");
    }
    return rest;
  }

  private List<String> words(String rest) {
    return Words.split(rest, env);
  }

  private String one(String rest) {
    return Words.one(rest, env);
  }

  private void putEnv(String pair) {
    int equals = pair.indexOf('=');
    env.put(equals < 0 ? pair : pair.substring(0, equals), equals < 0 ? "" : pair.substring(equals + 1));
  }

  private ImageConfig config() {
    return new ImageConfig(
        user, List.copyOf(ports), env.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue()).toList(), entrypoint, cmd, List.copyOf(volumes), workingDir,
        Collections.unmodifiableMap(labels), stopSignal, shell, List.copyOf(onBuild), healthcheck);
  }

  static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, why);
  }
}
