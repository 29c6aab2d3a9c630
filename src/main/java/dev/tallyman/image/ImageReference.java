package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Name of an image: {@code [domain/]path[:tag][@digest]}, normalised as Docker does ({@code busybox} means
 * {@code docker.io/library/busybox}). Grammar: github.com/distribution/reference, regexp.go and normalize.go.
 *
 * @param domain always present, e.g. {@code docker.io} or {@code localhost:5000}
 * @param path e.g. {@code library/busybox}
 * @param tag absent when none was written
 * @param digest {@code sha256:…}; absent when none was written
 */
public record ImageReference(String domain, String path, @Nullable String tag, @Nullable String digest) {
  private static final String DEFAULT_DOMAIN = "docker.io";
  private static final String LEGACY_DOMAIN = "index.docker.io";
  private static final String OFFICIAL = "library/";
  private static final String DEFAULT_TAG = "latest";
  private static final String DIGEST_ALGORITHM = "sha256";
  private static final int LONGEST_NAME = 255;
  /** Longest name, tag and digest together with their separators. Longer text never reaches the patterns. */
  private static final int LONGEST_TEXT = 512;

  private static final String LABEL = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
  private static final String HOST = "(?:" + LABEL + "(?:\\." + LABEL + ")*|\\[[a-fA-F0-9:]+\\])";
  private static final String DOMAIN = HOST + "(?::[0-9]+)?";
  private static final String PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
  private static final String PATH = PATH_PART + "(?:/" + PATH_PART + ")*";
  private static final String TAG = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";
  private static final Pattern NORMALISED =
      Pattern.compile("(?<domain>" + DOMAIN + ")/(?<path>" + PATH + ")(?::(?<tag>" + TAG + "))?(?:@(?<digest>[^@]+))?");
  private static final Pattern TAG_ALONE = Pattern.compile(TAG);

  /** @throws TallymanException INVALID with Docker's texts */
  public static ImageReference parse(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new TallymanException(ErrorKind.INVALID, "invalid reference format: repository name must not be more than " + LONGEST_NAME + " characters");
    }
    if (Digest.isHex(text)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
    }
    int slash = text.indexOf('/');
    boolean hasDomain = slash >= 0 && isDomain(text.substring(0, slash));
    String domain = hasDomain ? text.substring(0, slash) : DEFAULT_DOMAIN;
    String rest = hasDomain ? text.substring(slash + 1) : text;
    if (domain.equals(LEGACY_DOMAIN)) {
      domain = DEFAULT_DOMAIN;
    }
    if (domain.equals(DEFAULT_DOMAIN) && rest.indexOf('/') < 0) {
      rest = OFFICIAL + rest;
    }
    requireLowerCase(rest);
    Matcher matcher = NORMALISED.matcher(domain + "/" + rest);
    if (!matcher.matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid reference format");
    }
    return of(matcher);
  }

  private static ImageReference of(Matcher matcher) {
    String domain = matcher.group("domain");
    String path = matcher.group("path");
    if (domain.length() + 1 + path.length() > LONGEST_NAME) {
      throw new TallymanException(ErrorKind.INVALID, "invalid reference format: repository name must not be more than " + LONGEST_NAME + " characters");
    }
    String digest = matcher.group("digest");
    if (digest != null && !Digest.isDigest(digest)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid reference format: unsupported digest");
    }
    return new ImageReference(domain, path, matcher.group("tag"), digest);
  }

  /** A repository and a tag as two texts, as the Engine API's {@code repo} and {@code tag} parameters come. Empty tag = latest. */
  public static ImageReference of(String repository, String tag) {
    ImageReference name = parse(repository);
    if (name.digest != null) {
      throw new TallymanException(ErrorKind.INVALID, "refusing to create a tag with a digest reference");
    }
    if (tag.isEmpty()) {
      return name.orLatest();
    }
    if (!TAG_ALONE.matcher(tag).matches()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid tag format");
    }
    return new ImageReference(name.domain, name.path, tag, null);
  }

  private static boolean isDomain(String text) {
    return text.indexOf('.') >= 0 || text.indexOf(':') >= 0 || text.equals("localhost") || !text.toLowerCase(Locale.ROOT).equals(text);
  }

  private static void requireLowerCase(String rest) {
    int end = rest.indexOf(':') >= 0 ? rest.indexOf(':') : rest.length();
    String name = rest.substring(0, end);
    if (!name.toLowerCase(Locale.ROOT).equals(name)) {
      throw new TallymanException(ErrorKind.INVALID, "invalid reference format: repository name (" + Texts.shortened(name) + ") must be lowercase");
    }
  }

  /** The same with {@code latest} when neither a tag nor a digest was written. */
  public ImageReference orLatest() {
    return tag == null && digest == null ? new ImageReference(domain, path, DEFAULT_TAG, null) : this;
  }

  /** @throws TallymanException INVALID when no image may be called so: by a digest, or by what reads as one */
  ImageReference requireTag() {
    if (digest != null) {
      throw new TallymanException(ErrorKind.INVALID, "refusing to create a tag with a digest reference");
    }
    if (familiarName().equals(DIGEST_ALGORITHM)) {
      throw new TallymanException(ErrorKind.INVALID, "refusing to create an ambiguous tag using digest algorithm as name");
    }
    return this;
  }

  /** The normalised name without tag and digest, e.g. {@code docker.io/library/busybox}. */
  public String repository() {
    return domain + "/" + path;
  }

  /** The name without tag as people write it, e.g. {@code busybox}. */
  public String familiarName() {
    if (!domain.equals(DEFAULT_DOMAIN)) {
      return repository();
    }
    boolean isOfficial = path.startsWith(OFFICIAL) && path.indexOf('/', OFFICIAL.length()) < 0;
    return isOfficial ? path.substring(OFFICIAL.length()) : path;
  }

  /** The whole reference as people write it, e.g. {@code busybox:latest}. */
  public String familiar() {
    return familiarName() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  @Override
  public String toString() {
    return repository() + (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }
}
