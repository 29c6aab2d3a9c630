package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.image.ImageReference;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.jboss.logging.Logger;

/** Finds the registry that answers for a name: mirrors first, encrypted before plain. */
@Singleton
class Registries {
  private static final Logger LOG = Logger.getLogger(Registries.class);

  private final RegistrySettings settings;
  private final Endpoints endpoints;
  private final Outbound outbound;
  private final Tokens tokens;
  /** Insecure registries by authority: true if they speak plain HTTP. */
  private final Map<String, Boolean> plain = new ConcurrentHashMap<>();

  @Inject
  Registries(RegistrySettings settings, Endpoints endpoints, Outbound outbound, Tokens tokens) {
    this.settings = settings;
    this.endpoints = endpoints;
    this.outbound = outbound;
    this.tokens = tokens;
  }

  /** Work with a repository. */
  interface Work<T> {
    T with(Repository repository) throws IOException;
  }

  <T> T pull(ImageReference name, Login login, Work<T> work) {
    List<Endpoint> mirrors = endpoints.mirrorsOf(name.domain());
    for (Endpoint each : mirrors) {
      try {
        return with(each, name, "pull", login, work);
      } catch (TallymanException e) {
        // A mirror need not have everything, nor be there; what an image is worth is the same everywhere.
        if (e.kind() == ErrorKind.INVALID || e.kind() == ErrorKind.EXHAUSTED) {
          throw e;
        }
        LOG.debugf(e, "the mirror %s did not help with %s", each.authority(), name);
      }
    }
    return with(reachable(name.domain()), name, "pull", login, work);
  }

  <T> T push(ImageReference name, Login login, Work<T> work) {
    return with(reachable(name.domain()), name, "pull,push", login, work);
  }

  private <T> T with(Endpoint registry, ImageReference name, String rights, Login login, Work<T> work) {
    RegistrySession session = session(registry, "repository:" + name.path() + ":" + rights, login);
    try {
      return work.with(new Repository(session, name.path(), settings.leastPerMinute().asLongValue()));
    } catch (TallymanException e) {
      boolean isRefusal = e.kind() == ErrorKind.DENIED || e.kind() == ErrorKind.NOT_FOUND;
      if (isRefusal && !session.storedLogin().isEmpty()) {
        throw new TallymanException(e.kind(), e.getMessage() + " (asked with the log-in of " + session.storedLogin() + " that you have stored for it)", e);
      }
      throw e;
    } catch (IOException e) {
      plain.remove(registry.authority());
      throw RegistryErrors.unreachable(registry, e);
    }
  }

  /** Plain HTTP only where an administrator allows it, and only if nothing there speaks TLS. */
  private Endpoint reachable(String domain) {
    Endpoint encrypted = endpoints.of(domain);
    if (encrypted.verifies()) {
      return encrypted;
    }
    boolean isPlain =
        plain.computeIfAbsent(
            encrypted.authority(),
            authority -> {
              try {
                return !outbound.speaksTls(encrypted);
              } catch (IOException e) {
                throw RegistryErrors.unreachable(encrypted, e);
              }
            });
    return isPlain ? new Endpoint("http", encrypted.authority(), false, false) : encrypted;
  }

  private RegistrySession session(Endpoint registry, String scope, Login login) {
    return new RegistrySession(outbound, tokens, settings.backOff(), registry, scope, login);
  }

  /** @throws TallymanException DENIED for wrong credentials */
  void checkLogin(String domain, Login login) {
    Endpoint registry = reachable(domain);
    try (ClassicHttpResponse answer = session(registry, "", login).send("/v2/", true, HttpGet::new)) {
      byte[] body = Bodies.read(answer, 64 * 1024);
      if (answer.getCode() != 200) {
        throw RegistryErrors.of(answer.getCode(), body, "login");
      }
    } catch (IOException e) {
      throw RegistryErrors.unreachable(registry, e);
    }
  }
}
