package dev.tallyman.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tallyman.device.DeviceEdits.FileMount;
import dev.tallyman.device.DeviceEdits.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * One description: devices of one kind, and what all of them need. See the specification of the Container Device Interface.
 *
 * @param kind {@code vendor.com/class}
 */
record CdiSpec(String kind, Map<String, Part> devices, Part common) {
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory()); // JSON is YAML, too
  private static final Pattern VERSION = Pattern.compile("0\\.[3-9]\\.\\d|1\\.[01]\\.\\d");
  private static final Pattern KIND = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,252}/[A-Za-z][A-Za-z0-9_-]{0,62}");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}");
  private static final Pattern ACCESS = Pattern.compile("[rwm]{1,3}");
  private static final int MAX_DEVICES = 4096;

  /** @param hooks programs that the host should run, which it does not; unsupported what else cannot be done */
  record Part(DeviceEdits edits, List<String> hooks, List<String> unsupported) {}

  /** @throws IllegalArgumentException says what is wrong; IOException if it is neither YAML nor JSON */
  static CdiSpec parse(byte[] text) throws IOException {
    JsonNode root = YAML.readTree(text);
    String version = text(root, "cdiVersion");
    require(VERSION.matcher(version).matches(), "cdiVersion '" + version + "' is not one of 0.3.0 to 1.1.0");
    String kind = text(root, "kind");
    require(KIND.matcher(kind).matches(), "kind '" + kind + "' is no vendor/class");
    Map<String, Part> devices = new LinkedHashMap<>();
    for (JsonNode each : root.path("devices")) {
      String name = text(each, "name");
      require(NAME.matcher(name).matches(), "'" + name + "' is no name of a device");
      require(devices.size() < MAX_DEVICES, "there are more than " + MAX_DEVICES + " devices");
      require(devices.put(name, part(each.path("containerEdits"))) == null, "device '" + name + "' is there twice");
    }
    return new CdiSpec(kind, Map.copyOf(devices), part(root.path("containerEdits")));
  }

  private static Part part(JsonNode edits) {
    List<String> env = new ArrayList<>();
    for (JsonNode each : edits.path("env")) {
      require(each.asText().indexOf('=') > 0 && each.asText().indexOf('\0') < 0, "'" + each.asText() + "' is no variable");
      env.add(each.asText());
    }
    List<Node> nodes = new ArrayList<>();
    edits.path("deviceNodes").forEach(each -> nodes.add(node(each)));
    List<String> unsupported = new ArrayList<>();
    List<FileMount> mounts = new ArrayList<>();
    edits.path("mounts").forEach(each -> mounts.add(mount(each, unsupported)));
    List<String> groups = new ArrayList<>();
    for (JsonNode each : edits.path("additionalGids")) {
      require(each.canConvertToInt() && each.intValue() >= 0, "'" + each.asText() + "' is no number of a group");
      if (each.intValue() > 0) {
        groups.add(each.asText());
      }
    }
    List<String> hooks = new ArrayList<>();
    edits.path("hooks").forEach(each -> hooks.add(text(each, "path")));
    for (String each : List.of("intelRdt", "netDevices")) {
      if (edits.has(each)) {
        unsupported.add(each);
      }
    }
    return new Part(new DeviceEdits(env, nodes, mounts, groups), List.copyOf(hooks), List.copyOf(unsupported));
  }

  /** Type, numbers, mode and owner of a node are the host's, whatever is written here: the helper gives the node itself and makes none. */
  private static Node node(JsonNode given) {
    String path = text(given, "path");
    String onHost = given.hasNonNull("hostPath") && !text(given, "hostPath").isEmpty() ? text(given, "hostPath") : path;
    String access = given.hasNonNull("permissions") && !text(given, "permissions").isEmpty() ? text(given, "permissions") : "rwm";
    require(onHost.startsWith("/dev/") && isPlain(onHost), "'" + onHost + "' is no node below /dev");
    require(path.startsWith("/") && isPlain(path), "'" + path + "' is no absolute path");
    require(ACCESS.matcher(access).matches(), "permissions '" + access + "' are not some of rwm");
    return new Node(onHost, path, access);
  }

  private static FileMount mount(JsonNode given, List<String> unsupported) {
    String source = text(given, "hostPath");
    String target = text(given, "containerPath");
    require(source.startsWith("/") && isPlain(source), "'" + source + "' is no absolute path");
    require(target.startsWith("/") && isPlain(target), "'" + target + "' is no absolute path");
    boolean isReadOnly = false;
    boolean isRecursive = false;
    for (JsonNode each : given.path("options")) {
      switch (each.asText()) {
        case "ro" -> isReadOnly = true;
        case "rbind" -> isRecursive = true;
        // Nothing that is mounted has devices or set-user-id programs here, or passes mounts on.
        case "rw", "bind", "nosuid", "nodev", "private", "rprivate", "relatime" -> {}
        default -> unsupported.add("mount option " + each.asText());
      }
    }
    String type = given.path("type").asText("");
    if (!type.isEmpty() && !type.equals("bind") && !type.equals("none")) {
      unsupported.add("mount of type " + type);
    }
    return new FileMount(source, target, isReadOnly, isRecursive);
  }

  private static boolean isPlain(String path) {
    return path.length() <= 1000 && path.chars().noneMatch(c -> c < ' ') && !("/" + path + "/").contains("/../");
  }

  private static String text(JsonNode of, String field) {
    return of.path(field).asText("");
  }

  private static void require(boolean holds, String wrong) {
    if (!holds) {
      throw new IllegalArgumentException(wrong);
    }
  }
}
