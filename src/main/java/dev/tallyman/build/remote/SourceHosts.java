package dev.tallyman.build.remote;

import dev.tallyman.distribution.GuardedHttp;
import dev.tallyman.distribution.PublicAddress;
import dev.tallyman.distribution.Trust;
import dev.tallyman.unit.HostPattern;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.io.CloseMode;

/**
 * Which hosts may be asked, and by which client: public addresses by one for all, hosts that an administrator named by another. Of those the ones with
 * authorities of their own have a client each: there are as many as an administrator made folders, whatever hosts a pattern names.
 */
@Singleton
class SourceHosts {
  static final String SETTING = "tallyman.build.sources.allowed";

  private final SourceSettings settings;
  private final Trust trust;
  private final List<HostPattern> allowed;
  private final CloseableHttpClient foreign;
  private final CloseableHttpClient named;
  private final Map<String, CloseableHttpClient> trusting = new ConcurrentHashMap<>();

  @Inject
  SourceHosts(SourceSettings settings, Trust trust) {
    this.settings = settings;
    this.trust = trust;
    this.allowed = settings.allowed().orElse(List.of()).stream().map(HostPattern::of).toList();
    this.foreign = GuardedHttp.client(trust.usual(), new GuardedHttp.Resolver(PublicAddress::is, SETTING), settings.connectTimeout(), settings.silence());
    this.named = named(trust.usual());
  }

  CloseableHttpClient clientFor(URI address) {
    int port = RemoteUrl.port(address);
    if (allowed.stream().noneMatch(each -> each.matches(address.getHost(), port))) {
      return foreign;
    }
    String authority = address.getAuthority();
    return trust.isUsual(authority) ? named : trusting.computeIfAbsent(authority, each -> named(trust.of(each)));
  }

  private CloseableHttpClient named(TlsSocketStrategy tls) {
    return GuardedHttp.client(tls, new GuardedHttp.Resolver(each -> !PublicAddress.isNever(each), SETTING), settings.connectTimeout(), settings.silence());
  }

  @PreDestroy
  void close() throws IOException {
    foreign.close(CloseMode.GRACEFUL);
    named.close(CloseMode.GRACEFUL);
    for (CloseableHttpClient each : trusting.values()) {
      each.close();
    }
  }
}
