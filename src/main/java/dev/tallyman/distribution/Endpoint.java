package dev.tallyman.distribution;

import java.net.URI;

/**
 * Where a registry answers.
 *
 * @param scheme http or https
 * @param authority {@code host[:port]} as people write it
 * @param verifies false = any certificate will do
 * @param isMirror asked for what belongs to Docker's own registry; never gets credentials of others
 */
record Endpoint(String scheme, String authority, boolean verifies, boolean isMirror) {
  URI resolve(String path) {
    return URI.create(scheme + "://" + authority + path);
  }

  /** True if the address is this very registry: same scheme, host and port. */
  boolean isAt(URI other) {
    URI own = resolve("/");
    return own.getScheme().equalsIgnoreCase(other.getScheme()) && own.getHost().equalsIgnoreCase(other.getHost()) && port(own) == port(other);
  }

  static int port(URI address) {
    if (address.getPort() > 0) {
      return address.getPort();
    }
    return "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
  }
}
