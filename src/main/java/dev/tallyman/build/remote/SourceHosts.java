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
import org.apache.hc.core5.io.CloseMode;

/** Which hosts may be asked, and by which client: public addresses by one for all, each host that an administrator named by one of its own. */
@Singleton
class SourceHosts {
  static final String SETTING = "tallyman.build.sources.allowed";

  private final SourceSettings settings;
  private final Trust trust;
  private final List<HostPattern> allowed;
  private final CloseableHttpClient foreign;
  private final Map<String, CloseableHttpClient> named = new ConcurrentHashMap<>();

  @Inject
  SourceHosts(SourceSettings settings, Trust trust) {
    this.settings = settings;
    this.trust = trust;
    this.allowed = settings.allowed().orElse(List.of()).stream().map(HostPattern::of).toList();
    this.foreign = GuardedHttp.client(trust.usual(), new GuardedHttp.Resolver(PublicAddress::is, SETTING), settings.connectTimeout(), settings.silence());
  }

  CloseableHttpClient clientFor(URI address) {
    int port = RemoteUrl.port(address);
    if (allowed.stream().noneMatch(each -> each.matches(address.getHost(), port))) {
      return foreign;
    }
    return named.computeIfAbsent(
        address.getAuthority(),
        authority ->
            GuardedHttp.client(trust.of(authority), new GuardedHttp.Resolver(each -> !PublicAddress.isNever(each), SETTING), settings.connectTimeout(), settings.silence()));
  }

  @PreDestroy
  void close() throws IOException {
    foreign.close(CloseMode.GRACEFUL);
    for (CloseableHttpClient each : named.values()) {
      each.close();
    }
  }
}
