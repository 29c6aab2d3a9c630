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
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Requests to the outside. The address that a name stands for is checked where the connection is made, so that a name cannot mean something
 * else a moment later. Redirects are not followed here: who follows one asks again.
 */
@Singleton
class Outbound {
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_PER_HOST = 16;

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
    Timeout silence = Timeout.ofMilliseconds(settings.silence().toMillis());
    ConnectionConfig connections =
        ConnectionConfig.custom().setConnectTimeout(Timeout.ofMilliseconds(settings.connectTimeout().toMillis())).setSocketTimeout(silence).setTimeToLive(TimeValue.ofMinutes(2)).build();
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create().setDnsResolver(new Checked(isAllowed)).setTlsSocketStrategy(tls).setDefaultConnectionConfig(connections)
                .setMaxConnTotal(MOST_CONNECTIONS).setMaxConnPerRoute(MOST_PER_HOST).build())
        .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(silence).setConnectionRequestTimeout(silence).setExpectContinueEnabled(false).build())
        .setUserAgent("tallyman")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  /**
   * Sends a request to the registry itself, or to where it pointed.
   *
   * @return the caller closes it
   * @throws TallymanException DENIED when the registry pointed to where nobody may send us
   */
  ClassicHttpResponse send(Endpoint registry, URI address, ClassicHttpRequest request) throws IOException {
    CloseableHttpClient client = clientFor(registry, address);
    return client.executeOpen(new HttpHost(address.getScheme(), address.getHost(), address.getPort()), request, null);
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
    InetAddress[] at = new Checked(each -> !PublicAddress.isNever(each)).resolve(address.getHost());
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

  /** @param isAllowed asked for every address that a name has */
  private record Checked(Predicate<InetAddress> isAllowed) implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      InetAddress[] all = SystemDefaultDnsResolver.INSTANCE.resolve(host);
      InetAddress[] allowed = Arrays.stream(all).filter(isAllowed).toArray(InetAddress[]::new);
      if (allowed.length == 0) {
        throw new ForbiddenAddressException(host);
      }
      return allowed;
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
      return SystemDefaultDnsResolver.INSTANCE.resolveCanonicalHostname(host);
    }
  }

  /** A name that stands only for addresses which may not be asked. */
  static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1;

    ForbiddenAddressException(String host) {
      super("the address of " + host + " is not a public one; an administrator can name it in tallyman.registry.insecure");
    }
  }
}
