package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which addresses stand for the domain of an image's name, in the order in which they are tried. */
@Singleton
class Endpoints {
  static final String HUB = "docker.io";
  private static final int LONGEST = 300;
  private static final String HUB_REGISTRY = "registry-1.docker.io";
  private static final Pattern LOOPBACK = Pattern.compile("(localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1\\])(:\\d+)?");

  private final List<Endpoint> mirrors;
  private final Set<String> insecure;

  @Inject
  Endpoints(RegistrySettings settings) {
    insecure = settings.insecure().orElse(List.of()).stream().map(each -> each.strip().toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    mirrors = settings.mirrors().orElse(List.of()).stream().map(String::strip).filter(each -> !each.isEmpty()).map(this::mirror).toList();
  }

  private Endpoint mirror(String text) {
    URI address;
    try {
      address = URI.create(text.contains("://") ? text : "https://" + text);
    } catch (IllegalArgumentException e) {
      throw badMirror(text);
    }
    boolean isPlain = address.getPath() == null || address.getPath().isEmpty() || address.getPath().equals("/");
    if (address.getHost() == null || !isPlain || address.getUserInfo() != null || !List.of("http", "https").contains(address.getScheme())) {
      throw badMirror(text);
    }
    return new Endpoint(address.getScheme(), address.getAuthority(), !isInsecure(address.getAuthority()), true);
  }

  private static TallymanException badMirror(String text) {
    return new TallymanException(ErrorKind.INVALID, "the setting tallyman.registry.mirrors holds '" + text + "': a mirror is http://host[:port] or https://host[:port]");
  }

  /**
   * What names of images at a registry begin with. Docker's client writes its own registry's first address, with a scheme and a path.
   *
   * @param registry as people name it; empty = Docker's own
   * @throws TallymanException INVALID; not with the text, in which there may be credentials
   */
  static String domain(String registry) {
    String plain = registry.length() > LONGEST ? "" : registry.strip().replaceFirst("^https?://", "").replaceFirst("/.*$", "");
    if (registry.isEmpty() || plain.equals("index.docker.io")) {
      return HUB;
    }
    try {
      // A mere word would be an account at Docker's registry, and what is meant for its host would go there.
      if (ImageReference.parse(plain + "/name").domain().equals(plain)) {
        return plain;
      }
    } catch (TallymanException e) {
      // Told below: its message may have parts of the text.
    }
    throw new TallymanException(ErrorKind.INVALID, "this is no registry: write docker.io or HOST[:PORT], with a dot or a port, as names of images begin with it, and no user in it");
  }

  /** Asked before the registry itself. */
  List<Endpoint> mirrorsOf(String domain) {
    return domain.equals(HUB) ? mirrors : List.of();
  }

  /** The registry itself; encrypted. For an insecure one whoever asks finds out whether it is. */
  Endpoint of(String domain) {
    String authority = domain.equals(HUB) ? HUB_REGISTRY : domain;
    return new Endpoint("https", authority, !isInsecure(authority), false);
  }

  boolean isInsecure(String authority) {
    String lower = authority.toLowerCase(Locale.ROOT);
    return LOOPBACK.matcher(lower).matches() || insecure.contains(lower);
  }

  /** True for a host that the administrator named, so that others may point to it although it is in a private network. */
  boolean isNamed(URI address) {
    String authority = address.getAuthority() == null ? "" : address.getAuthority().toLowerCase(Locale.ROOT);
    return insecure.contains(authority) || mirrors.stream().anyMatch(each -> each.isAt(address));
  }

  List<String> mirrors() {
    return mirrors.stream().map(each -> each.scheme() + "://" + each.authority() + "/").toList();
  }

  List<String> insecure() {
    return insecure.stream().sorted().toList();
  }
}
