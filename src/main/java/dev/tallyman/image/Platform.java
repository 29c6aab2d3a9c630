package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What an image runs on, or what it is wanted for. @param variant e.g. v6; empty where there is but one, or none is told */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,31}");
  private static final int LONGEST = 100;
  private static final String LINUX = "linux";

  /** Versions of ARM that run what was made for an older one. */
  private static final List<String> ARM = List.of("v5", "v6", "v7", "v8");

  /** Go's names, which images use. */
  private static final Set<String> SYSTEMS =
      Set.of("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", LINUX, "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos");
  private static final Set<String> ARCHITECTURES =
      Set.of("386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv",
          "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm");

  /** This machine's. */
  public static Platform here() {
    return new Platform(LINUX, System.getProperty("os.arch", ""), "").usual();
  }

  /**
   * @param text {@code os/architecture[/variant]}, {@code os} or {@code architecture}; empty = this machine's
   * @throws TallymanException INVALID, in dockerd's words
   */
  public static Platform of(String text) {
    if (text.isEmpty()) {
      return here();
    }
    if (text.length() > LONGEST) {
      throw invalid("a platform has " + LONGEST + " characters at most, such as linux/amd64");
    }
    String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
    for (int i = 0; i < parts.length; i++) {
      if (!PART.matcher(parts[i]).matches()) {
        throw invalid("\"" + Texts.shortened(parts[i]) + "\" is an invalid " + (i == 0 ? "OS " : "") + "component of \"" + Texts.shortened(text) + "\": a platform is os/architecture[/variant], such as linux/amd64");
      }
    }
    return switch (parts.length) {
      case 1 -> ofOne(parts[0]);
      case 2, 3 -> new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "").usual();
      default -> throw invalid("\"" + Texts.shortened(text) + "\": cannot parse platform specifier: a platform is os/architecture[/variant], such as linux/amd64");
    };
  }

  private static Platform ofOne(String word) {
    Platform system = new Platform(word, here().architecture, "").usual();
    if (SYSTEMS.contains(system.os)) {
      return system;
    }
    Platform machine = new Platform(LINUX, word, "").usual();
    if (!ARCHITECTURES.contains(machine.architecture)) {
      throw invalid("\"" + word + "\": unknown operating system or architecture: invalid argument; write os/architecture[/variant], such as linux/amd64");
    }
    return machine;
  }

  /** The one that an image's configuration names. */
  public static Platform of(Images.Image image) {
    return ofConfig(image.configJson().getBytes(StandardCharsets.UTF_8), image.os(), image.architecture());
  }

  static Platform ofConfig(byte[] config, String os, String architecture) {
    return new Platform(os, architecture, StrictJson.parseObject(config, "the configuration").path("variant").asText(""));
  }

  private static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, why);
  }

  /** By its usual names, after containerd's rules: a variant that all machines have is not told, and a number alone is a version. */
  public Platform usual() {
    String system = os.toLowerCase(Locale.ROOT);
    String machine = architecture.toLowerCase(Locale.ROOT);
    String version = variant.toLowerCase(Locale.ROOT);
    version = version.matches("\\d+") ? "v" + version : version;
    return switch (machine) {
      case "x86_64", "x86-64", "amd64" -> of(system, "amd64", version.equals("v1") ? "" : version);
      case "i386", "386" -> of(system, "386", "");
      case "aarch64", "arm64" -> of(system, "arm64", version.equals("v8") ? "" : version);
      case "armel" -> of(system, "arm", version.isEmpty() ? "v6" : version);
      case "armhf", "arm" -> of(system, "arm", version.isEmpty() ? "v7" : version);
      default -> of(system, machine, version);
    };
  }

  private static Platform of(String os, String architecture, String variant) {
    return new Platform(os.equals("macos") ? "darwin" : os, architecture, variant);
  }

  /** @throws TallymanException INVALID when it is none whose images can be kept here */
  Platform requireLinux() {
    if (!os.equals(LINUX)) {
      throw invalid("operating system is not supported: " + os + "; images of linux are");
    }
    return this;
  }

  /** Whether an image of the other one runs on this one: its own, an older ARM, 386 on amd64, arm on arm64; of one whose variant is not told, none is asked. */
  public boolean runs(Platform image) {
    Platform own = usual();
    Platform other = image.usual();
    if (!own.os.equals(other.os)) {
      return false;
    }
    if (!own.architecture.equals(other.architecture)) {
      return (own.architecture.equals("amd64") && other.architecture.equals("386")) || (own.architecture.equals("arm64") && other.architecture.equals("arm"));
    }
    boolean isOlder = own.architecture.equals("arm") && ARM.contains(other.variant) && ARM.indexOf(other.variant) <= ARM.indexOf(own.variant);
    boolean isUntold = image.variant.isEmpty() && image.architecture.equals(other.architecture);
    return isUntold || other.variant.isEmpty() || own.variant.equals(other.variant) || isOlder;
  }

  /** Of those that run here, the one which was made for it comes first, then the newest variant. */
  public Comparator<Platform> closest() {
    Platform own = usual();
    return Comparator.<Platform, Boolean>comparing(each -> !each.usual().equals(own))
        .thenComparing(each -> !each.usual().architecture.equals(own.architecture))
        .thenComparing(Platform::variant, Comparator.reverseOrder());
  }

  /** @throws TallymanException NOT_FOUND, in dockerd's words, when the image is of another platform */
  public void require(String name, Images.Image image) {
    Platform other = of(image);
    if (!runs(other)) {
      throw new TallymanException(
          ErrorKind.NOT_FOUND, "image with reference " + name + " was found but its platform (" + other.usual() + ") does not match the specified platform (" + this + ")");
    }
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
