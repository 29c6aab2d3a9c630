package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;

/**
 * Requests to the outside. The address that a name stands for is checked where the connection is made, so that a name cannot mean something
 * else a moment later. Redirects are not followed here: who follows one asks again.
 */
@Singleton
class Outbound {
  private static final String SETTING = "tallyman.registry.insecure";

  private final RegistrySettings settings;
  private final Endpoints endpoints;
  private final Trust trust;
  private final Map<Endpoint, CloseableHttpClient> named = new ConcurrentHashMap<>();
  private final CloseableHttpClient foreign;

  @Inject
  Outbound(RegistrySettings settings, Endpoints endpoints, Trust trust) {
    this.settings = settings;
    this.endpoints = endpoints;
    this.trust = trust;
    this.foreign = client(trust.usual(), PublicAddress::is);
  }

  private CloseableHttpClient client(TlsSocketStrategy tls, Predicate<InetAddress> isAllowed) {
    return GuardedHttp.client(tls, new GuardedHttp.Resolver(isAllowed, SETTING), settings.connectTimeout(), settings.silence());
  }

  /**
   * Sends a request to the registry itself, or to where it pointed.
   *
   * @return the caller closes it; the connection serves again only if the body was read to its end
   * @throws TallymanException DENIED when the registry pointed to where nobody may send us
   */
  ClassicHttpResponse send(Endpoint registry, URI address, HttpUriRequestBase request) throws IOException {
    CloseableHttpClient client = clientFor(registry, address);
    ClassicHttpResponse answer = client.executeOpen(new HttpHost(address.getScheme(), address.getHost(), address.getPort()), request, null);
    if (answer.getEntity() != null) {
      answer.setEntity(new CutBody(answer.getEntity(), request));
    }
    return answer;
  }

  private CloseableHttpClient clientFor(Endpoint registry, URI address) {
    if (registry.isAt(address)) {
      return named.computeIfAbsent(registry, this::clientOf);
    }
    if (address.getHost() == null || address.getUserInfo() != null || !("https".equals(address.getScheme()) || "http".equals(address.getScheme()))) {
      throw refused(registry, address, "is no http address");
    }
    if (endpoints.isNamed(address)) {
      return named.computeIfAbsent(new Endpoint(address.getScheme(), address.getAuthority(), !endpoints.isInsecure(address.getAuthority()), registry.isMirror()), this::clientOf);
    }
    if (registry.scheme().equals("https") && registry.verifies() && !address.getScheme().equals("https")) {
      throw refused(registry, address, "is not encrypted, but the registry is");
    }
    return foreign;
  }

  /** Whether an encrypted connection can be made, whoever's certificate is shown. */
  boolean speaksTls(Endpoint registry) throws IOException {
    URI address = registry.resolve("/");
    InetAddress[] at = new GuardedHttp.Resolver(each -> !PublicAddress.isNever(each), SETTING).resolve(address.getHost());
    try (Socket plain = new Socket()) {
      plain.connect(new InetSocketAddress(at[0], Endpoint.port(address)), (int) settings.connectTimeout().toMillis());
      plain.setSoTimeout((int) settings.tlsProbe().toMillis());
      try (SSLSocket encrypted = trust.anybodysSocket(plain, address.getHost(), Endpoint.port(address))) {
        encrypted.startHandshake();
        return true;
      } catch (SSLException | SocketTimeoutException | SocketException e) {
        return false;
      }
    }
  }

  private CloseableHttpClient clientOf(Endpoint registry) {
    return client(registry.verifies() ? trust.of(registry.authority()) : trust.anybody(), address -> !PublicAddress.isNever(address));
  }

  private static TallymanException refused(Endpoint registry, URI address, String why) {
    return new TallymanException(ErrorKind.DENIED, "the registry " + registry.authority() + " pointed to " + address.getScheme() + "://" + address.getHost() + ", which " + why);
  }

  @PreDestroy
  void close() throws IOException {
    foreign.close();
    for (CloseableHttpClient each : named.values()) {
      each.close();
    }
  }
}
