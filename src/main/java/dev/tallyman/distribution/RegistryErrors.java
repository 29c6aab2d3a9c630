package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.error.UnreachableException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** Failures of registries in the words that clients know. */
final class RegistryErrors {
  private RegistryErrors() {}

  /** @param what was asked for: manifest, blob … */
  static TallymanException of(int status, byte[] body, String what) {
    String reason = Bodies.reason(status, body, what + " request failed with status " + status);
    return switch (status) {
      case 401, 403 -> new TallymanException(ErrorKind.DENIED, reason);
      case 404 -> new TallymanException(ErrorKind.NOT_FOUND, reason);
      case 429 -> new TallymanException(ErrorKind.EXHAUSTED, "toomanyrequests: " + reason);
      default -> status >= 500 ? new UnreachableException(reason) : new TallymanException(ErrorKind.INVALID, reason);
    };
  }

  /** @param path what was asked for, without a query: that may hold secrets */
  static TallymanException unreachable(Endpoint registry, IOException e) {
    String address = registry.scheme() + "://" + registry.authority() + "/v2/";
    String why;
    if (e instanceof UnknownHostException && !(e instanceof GuardedHttp.ForbiddenAddressException)) {
      why = "no such host: " + registry.resolve("/").getHost();
    } else if (e instanceof SocketTimeoutException || e.getClass().getSimpleName().toLowerCase(Locale.ROOT).contains("timeout")) {
      why = "it does not answer in time";
    } else if (e instanceof SSLException) {
      why = "its certificate or encryption is not accepted: " + e.getMessage() + "; put its authority into /etc/tallyman/certs.d/" + registry.authority() + "/ca.crt";
    } else {
      why = String.valueOf(e.getMessage());
    }
    return new UnreachableException("Get \"" + address + "\": " + why, e);
  }
}
