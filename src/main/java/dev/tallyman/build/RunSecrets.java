package dev.tallyman.build;

import dev.tallyman.build.StageBuild.Refused;
import dev.tallyman.build.dockerfile.RunMount;
import dev.tallyman.kernel.SecretFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Secrets of one command: files in its memory, links to them where they are wanted elsewhere, and variables. */
final class RunSecrets {
  static final String DIRECTORY = "/run/secrets";

  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,100}");
  private static final int DEFAULT_MODE = 0400;
  private static final int IDS = 65536;

  private final BuildSecrets secrets;
  private final List<SecretFile> files = new ArrayList<>();
  private final Map<String, String> links = new LinkedHashMap<>();
  private final List<String> env = new ArrayList<>();

  RunSecrets(BuildSecrets secrets) {
    this.secrets = secrets;
  }

  /** @return absolute and clean; empty for one that is a variable only */
  static String target(RunMount mount) {
    boolean isVariableOnly = isVariable(mount) && mount.target().isEmpty();
    if (isVariableOnly) {
      return "";
    }
    String wanted = mount.target().isEmpty() ? DIRECTORY + "/" + id(mount) : mount.target();
    String target = "/" + CopySources.clean(wanted.startsWith("/") ? wanted : DIRECTORY + "/" + wanted);
    boolean isBelow = target.startsWith(DIRECTORY + "/");
    if (target.equals("/") || DIRECTORY.equals(target) || DIRECTORY.startsWith(target + "/") || (isBelow && !isName(target.substring(DIRECTORY.length() + 1)))) {
      throw new Refused("cannot mount a secret at " + wanted + ": below " + DIRECTORY + " are files with names of 1 to 100 characters of a-z, A-Z, 0-9, '_', '.', '-'");
    }
    return target;
  }

  private static boolean isVariable(RunMount mount) {
    return mount.env() != null;
  }

  private static boolean isName(String name) {
    return NAME.matcher(name).matches() && !name.equals(".") && !name.equals("..");
  }

  static String id(RunMount mount) {
    String named = mount.id().isEmpty() ? mount.source() : mount.id();
    return named.isEmpty() ? mount.target().substring(mount.target().lastIndexOf('/') + 1) : named;
  }

  void add(RunMount mount, String target) {
    String id = id(mount);
    byte[] value = secrets.value(id);
    if (value == null) {
      if (mount.isRequired()) {
        throw new Refused("secret " + id + ": not found");
      }
      return;
    }
    if (value.length > SecretFile.MAX_BYTES) {
      throw new Refused("secret " + id + " is larger than " + SecretFile.MAX_BYTES + " bytes");
    }
    String variable = mount.env();
    if (variable != null) {
      env.add((variable.isEmpty() ? id : variable) + "=" + text(id, value));
    }
    if (!target.isEmpty()) {
      String name = target.startsWith(DIRECTORY + "/") ? target.substring(DIRECTORY.length() + 1) : "build." + files.size();
      files.add(new SecretFile(name, mount.mode() == null ? DEFAULT_MODE : mode(id, mount.mode()), owner(id, mount.uid()), owner(id, mount.gid()), value));
      if (!target.startsWith(DIRECTORY + "/")) {
        links.put(target, name);
      }
    }
  }

  private static int mode(String id, int mode) {
    if (mode > 0777) {
      throw new Refused("secret " + id + ": its mode is at most 0777");
    }
    return mode;
  }

  private static int owner(String id, @Nullable Long number) {
    if (number != null && number >= IDS) {
      throw new Refused("secret " + id + ": uid and gid are numbers from 0 to " + (IDS - 1));
    }
    return number == null ? 0 : number.intValue();
  }

  private static String text(String id, byte[] value) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      if (text.indexOf('\0') < 0) {
        return text;
      }
    } catch (CharacterCodingException e) {
      // Answered below.
    }
    throw new Refused("secret " + id + " cannot be a variable: it is no text");
  }

  List<SecretFile> files() {
    return files;
  }

  /** Name of the file by place. */
  Map<String, String> links() {
    return links;
  }

  List<String> env() {
    return env;
  }
}
