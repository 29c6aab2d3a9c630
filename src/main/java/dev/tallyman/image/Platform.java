package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What an image runs on. @param variant e.g. v8; empty = any */
public record Platform(String os, String architecture, String variant) {
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9_.-]{0,31}");
  private static final int LONGEST = 100;
  private static final String LINUX = "linux";

  /** Go's names, which images use. */
  private static final Set<String> SYSTEMS =
      Set.of("aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", LINUX, "nacl", "netbsd", "openbsd", "plan9", "solaris", "windows", "zos");
  private static final Set<String> ARCHITECTURES =
      Set.of("386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64", "mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv",
          "riscv64", "s390", "s390x", "sparc", "sparc64", "wasm");

  /** This machine's. */
  public static Platform here() {
    return new Platform(LINUX, usual(System.getProperty("os.arch", "").toLowerCase(Locale.ROOT)), "");
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
      case 2, 3 -> new Platform(system(parts[0]), usual(parts[1]), parts.length == 3 ? parts[2] : "");
      default -> throw invalid("\"" + Texts.shortened(text) + "\": cannot parse platform specifier: a platform is os/architecture[/variant], such as linux/amd64");
    };
  }

  private static Platform ofOne(String word) {
    if (SYSTEMS.contains(system(word))) {
      return new Platform(system(word), here().architecture, "");
    }
    if (!ARCHITECTURES.contains(usual(word))) {
      throw invalid("\"" + word + "\": unknown operating system or architecture: invalid argument; write os/architecture[/variant], such as linux/amd64");
    }
    return new Platform(LINUX, usual(word), "");
  }

  private static TallymanException invalid(String why) {
    return new TallymanException(ErrorKind.INVALID, why);
  }

  private static String system(String name) {
    return name.equals("macos") ? "darwin" : name;
  }

  /** @param architecture in lower case, by any of its names */
  public static String usual(String architecture) {
    return switch (architecture) {
      case "x86_64", "x86-64" -> "amd64";
      case "i386" -> "386";
      case "aarch64" -> "arm64";
      case "armhf", "armel" -> "arm";
      default -> architecture;
    };
  }

  /** @throws TallymanException INVALID when it is none whose images can be kept here */
  Platform requireLinux() {
    if (!os.equals(LINUX)) {
      throw invalid("operating system is not supported: " + os + "; images of linux are");
    }
    return this;
  }

  /**
   * What runs here for this one: its own, 386 on amd64, arm on arm64.
   *
   * @throws TallymanException NOT_FOUND, in dockerd's words, when the image is of another platform
   */
  public void requireOf(String name, Images.Image image) {
    boolean isOlder = (architecture.equals("amd64") && image.architecture().equals("386")) || (architecture.equals("arm64") && image.architecture().equals("arm"));
    if (!os.equals(image.os()) || !(architecture.equals(image.architecture()) || isOlder)) {
      throw new TallymanException(
          ErrorKind.NOT_FOUND,
          "image with reference " + name + " was found but its platform (" + image.os() + "/" + image.architecture() + ") does not match the specified platform (" + this + ")");
    }
  }

  /** @param other of an image */
  public boolean accepts(Platform other) {
    return os.equals(other.os) && architecture.equals(other.architecture) && (variant.isEmpty() || other.variant.isEmpty() || variant.equals(other.variant));
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
