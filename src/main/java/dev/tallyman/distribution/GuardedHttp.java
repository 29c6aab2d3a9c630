package dev.tallyman.distribution;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Predicate;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * Clients for servers that are not ours. The address that a name stands for is checked where the connection is made, so that a name cannot mean something
 * else a moment later. Redirects are not followed, nothing is tried again, no cookie is kept, headers are bounded.
 */
public final class GuardedHttp {
  private static final int MOST_CONNECTIONS = 64;
  private static final int MOST_PER_HOST = 16;
  private static final int MOST_HEADERS = 256;
  private static final int LONGEST_LINE = 16 << 10;

  private GuardedHttp() {}

  /** @param silence how long a server may say nothing */
  public static CloseableHttpClient client(TlsSocketStrategy tls, Resolver resolver, Duration connectTimeout, Duration silence) {
    Timeout pause = Timeout.ofMilliseconds(silence.toMillis());
    ConnectionConfig connections =
        ConnectionConfig.custom().setConnectTimeout(Timeout.ofMilliseconds(connectTimeout.toMillis())).setSocketTimeout(pause).setTimeToLive(TimeValue.ofMinutes(2)).build();
    Http1Config heads = Http1Config.custom().setMaxHeaderCount(MOST_HEADERS).setMaxLineLength(LONGEST_LINE).build();
    return HttpClients.custom()
        .setConnectionManager(
            PoolingHttpClientConnectionManagerBuilder.create().setDnsResolver(resolver).setTlsSocketStrategy(tls).setDefaultConnectionConfig(connections)
                .setConnectionFactory(ManagedHttpClientConnectionFactory.builder().http1Config(heads).build()).setMaxConnTotal(MOST_CONNECTIONS)
                .setMaxConnPerRoute(MOST_PER_HOST).build())
        .setDefaultRequestConfig(RequestConfig.custom().setResponseTimeout(pause).setConnectionRequestTimeout(pause).setExpectContinueEnabled(false).build())
        .setUserAgent("tallyman")
        .disableRedirectHandling()
        .disableAutomaticRetries()
        .disableCookieManagement()
        .disableAuthCaching()
        .disableContentCompression()
        .build();
  }

  /**
   * Only addresses that may be asked.
   *
   * @param isAllowed asked for every address that a name has
   * @param setting where an administrator names hosts that are not public, for messages
   */
  public record Resolver(Predicate<InetAddress> isAllowed, String setting) implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
      InetAddress[] all = SystemDefaultDnsResolver.INSTANCE.resolve(host);
      InetAddress[] allowed = Arrays.stream(all).filter(isAllowed).toArray(InetAddress[]::new);
      if (allowed.length == 0) {
        throw new ForbiddenAddressException(host, setting);
      }
      return allowed;
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
      return SystemDefaultDnsResolver.INSTANCE.resolveCanonicalHostname(host);
    }
  }

  /** A name that stands only for addresses which may not be asked. */
  public static final class ForbiddenAddressException extends UnknownHostException {
    private static final long serialVersionUID = 1;

    ForbiddenAddressException(String host, String setting) {
      super("the address of " + host + " is not a public one; an administrator can name it in " + setting);
    }
  }
}
