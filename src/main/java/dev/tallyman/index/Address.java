package dev.tallyman.index;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a path below {@code /v2/} points at.
 *
 * @param repository valid by the specification's grammar; empty for BASE, TOKEN, CATALOG and NONE
 * @param reference tag, digest or upload id, as given
 */
record Address(Kind kind, String repository, String reference) {
  enum Kind { BASE, TOKEN, CATALOG, TAGS, REFERRERS, MANIFEST, BLOB, UPLOADS, UPLOAD, NONE }

  static final int MAX_NAME = 255;
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
  private static final Pattern PATH =
      Pattern.compile("/v2/(?<name>.+)/(?:(?<tags>tags/list)|referrers/(?<subject>[^/]+)|manifests/(?<manifest>[^/]+)|blobs/(?:uploads(?:/(?<upload>[^/]*))?|(?<blob>[^/]+)))");

  /** @param raw a plain path (the edge refuses others); NAME_INVALID for a name outside the grammar */
  static Address parse(String raw) {
    String path = URLDecoder.decode(raw.replace("+", "%2B"), StandardCharsets.UTF_8);
    switch (path) {
      case "/v2", "/v2/" -> {
        return new Address(Kind.BASE, "", "");
      }
      case "/v2/token" -> {
        return new Address(Kind.TOKEN, "", "");
      }
      case "/v2/_catalog" -> {
        return new Address(Kind.CATALOG, "", "");
      }
      default -> {
        Matcher matcher = PATH.matcher(path);
        return matcher.matches() ? of(matcher) : new Address(Kind.NONE, "", "");
      }
    }
  }

  private static Address of(Matcher matcher) {
    String name = requireName(matcher.group("name"));
    if (matcher.group("tags") != null) {
      return new Address(Kind.TAGS, name, "");
    }
    if (matcher.group("subject") != null) {
      return new Address(Kind.REFERRERS, name, matcher.group("subject"));
    }
    if (matcher.group("manifest") != null) {
      return new Address(Kind.MANIFEST, name, matcher.group("manifest"));
    }
    if (matcher.group("blob") != null) {
      return new Address(Kind.BLOB, name, matcher.group("blob"));
    }
    String upload = matcher.group("upload");
    return upload == null || upload.isEmpty() ? new Address(Kind.UPLOADS, name, "") : new Address(Kind.UPLOAD, name, upload);
  }

  static boolean isName(String name) {
    return name.length() <= MAX_NAME && NAME.matcher(name).matches();
  }

  static String requireName(String name) {
    if (!isName(name)) {
      throw IndexException.invalid("NAME_INVALID", "invalid repository name: lower-case letters, digits and separators in parts divided by /, at most " + MAX_NAME + " characters");
    }
    return name;
  }

  /** The reference of a manifest is a digest if it has a colon; tags cannot. */
  static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }

  static String requireTag(String tag) {
    if (!TAG.matcher(tag).matches()) {
      throw IndexException.invalid("MANIFEST_INVALID", "invalid tag: letters, digits, _ . and -, at most 128 characters");
    }
    return tag;
  }

  /** The part of a name that is its team. */
  static String teamOf(String repository) {
    int slash = repository.indexOf('/');
    return slash < 0 ? repository : repository.substring(0, slash);
  }
}
