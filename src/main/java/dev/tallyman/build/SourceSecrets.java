package dev.tallyman.build;

import dev.tallyman.build.remote.GitAddress;
import dev.tallyman.build.remote.RemoteUrl;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Credentials for addresses that were written without, from the secrets of a build, by the names that BuildKit knows. They go to that very host alone. */
final class SourceSecrets {
  private static final int MOST_BYTES = 8 << 10;

  private final BuildSecrets secrets;

  SourceSecrets(BuildSecrets secrets) {
    this.secrets = secrets;
  }

  /** @throws TallymanException INVALID for a secret that cannot be sent; the message has nothing of it */
  RemoteUrl file(RemoteUrl url) {
    String host = host(url);
    return with(url, () -> text("HTTP_AUTH_HEADER_" + host), () -> bearer(text("HTTP_AUTH_TOKEN_" + host)));
  }

  /** The secret for its host goes before the one for all repositories. @throws TallymanException as {@link #file} */
  GitAddress repository(GitAddress address) {
    RemoteUrl url = address.url();
    for (String suffix : new String[] {"." + host(url), ""}) {
      url = with(url, () -> text("GIT_AUTH_HEADER" + suffix), () -> basic(text("GIT_AUTH_TOKEN" + suffix)));
    }
    return new GitAddress(url, address.ref(), address.directory());
  }

  private static String host(RemoteUrl url) {
    URI address = url.address();
    return address.getPort() < 0 ? address.getHost() : address.getHost() + ":" + address.getPort();
  }

  private interface Source {
    @Nullable String header();
  }

  private static RemoteUrl with(RemoteUrl url, Source... sources) {
    for (Source each : sources) {
      String header = url.authorization() == null ? each.header() : null;
      if (header != null) {
        return new RemoteUrl(url.address(), header);
      }
    }
    return url;
  }

  private static @Nullable String bearer(@Nullable String token) {
    return token == null ? null : "Bearer " + token;
  }

  private static @Nullable String basic(@Nullable String token) {
    return token == null ? null : "Basic " + Base64.getEncoder().encodeToString(("x-access-token:" + token).getBytes(StandardCharsets.UTF_8));
  }

  private @Nullable String text(String id) {
    byte[] value = secrets.value(id);
    if (value == null) {
      return null;
    }
    try {
      String text = value.length > MOST_BYTES ? "" : new String(value, StandardCharsets.UTF_8).strip();
      if (text.isEmpty() || text.chars().anyMatch(each -> each < ' ' || each > '~')) {
        throw new TallymanException(ErrorKind.INVALID, "the secret " + id + " cannot be sent as credentials: it must be one line of 1 to " + MOST_BYTES + " visible characters");
      }
      return text;
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }
}
