package dev.tallyman.container;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the output of a container is forwarded to, as its log options say.
 *
 * @param driver syslog, fluentd, gelf or journald
 * @param transport udp, tcp, tls, unix (a stream) or unixgram
 * @param host name or address, IPv6 without brackets; the path for unix and unixgram
 * @param port 0 for unix and unixgram
 */
public record LogReceiver(String driver, String transport, String host, int port) {
  private static final Map<String, String> OPTIONS = Map.of("syslog", "syslog-address", "fluentd", "fluentd-address", "gelf", "gelf-address");
  private static final Map<String, Set<String>> SCHEMES =
      Map.of("syslog", Set.of("udp", "tcp", "tcp+tls", "unix"), "fluentd", Set.of("tcp", "tls", "unix"), "gelf", Set.of("udp", "tcp"));
  private static final Map<String, Integer> PORTS = Map.of("syslog", 514, "fluentd", 24224, "gelf", 12201);
  private static final int MAX_CHARS = 500;
  private static final String JOURNALD = "journald";
  /** Fixed by systemd, and by dockerd. */
  private static final String JOURNAL = "/run/systemd/journal/socket";

  /** Whether a driver sends output to somebody else. */
  public static boolean isForwarder(String driver) {
    return OPTIONS.containsKey(driver) || driver.equals(JOURNALD);
  }

  /** @return null if its driver forwards nothing; @throws dev.tallyman.error.TallymanException INVALID or UNSUPPORTED for an address that cannot be used */
  public static @Nullable LogReceiver of(ContainerSpec spec) {
    if (spec.logDriver().equals(JOURNALD)) {
      return new LogReceiver(JOURNALD, "unixgram", JOURNAL, 0);
    }
    String option = OPTIONS.get(spec.logDriver());
    return option == null ? null : parse(spec.logDriver(), option, spec.logOptions().getOrDefault(option, ""));
  }

  private static LogReceiver parse(String driver, String option, String address) {
    if (address.isEmpty()) {
      if (driver.equals("fluentd")) {
        return new LogReceiver(driver, "tcp", "127.0.0.1", PORTS.get(driver));
      }
      throw Refusal.invalid(
          driver.equals("syslog")
              ? "log opt syslog-address is required: the host's own /dev/log takes datagrams only, which this server does not send over unix sockets"
              : "gelf: gelf-address is a required parameter");
    }
    String whole = address.contains("://") || !driver.equals("fluentd") ? address : "tcp://" + address;
    URI uri = uri(option, whole);
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (scheme.equals("unixgram")) {
      throw Refusal.unsupported("log opt " + option + ": unix sockets for datagrams are not supported; use unix:// (a stream), tcp:// or udp://");
    }
    if (!SCHEMES.getOrDefault(driver, Set.of()).contains(scheme)) {
      throw Refusal.invalid(driver + ": " + option + " should be in form proto://address, with a protocol of " + SCHEMES.get(driver).stream().sorted().toList() + ", got " + Refusal.quoted(address));
    }
    return scheme.equals("unix") ? ofSocket(driver, option, uri) : ofHost(driver, option, scheme, uri);
  }

  private static URI uri(String option, String address) {
    try {
      if (address.length() <= MAX_CHARS) {
        return new URI(address);
      }
    } catch (URISyntaxException e) {
      throw Refusal.invalid("invalid log opt " + option + ": " + Refusal.quoted(address));
    }
    throw Refusal.invalid("invalid log opt " + option + ": longer than " + MAX_CHARS + " characters");
  }

  private static LogReceiver ofSocket(String driver, String option, URI uri) {
    String path = String.valueOf(uri.getPath());
    if (uri.getAuthority() != null || !path.startsWith("/") || path.contains("/../") || path.chars().anyMatch(c -> c < ' ')) {
      throw Refusal.invalid("invalid log opt " + option + ": not an absolute path: " + uri);
    }
    return new LogReceiver(driver, "unix", path, 0);
  }

  private static LogReceiver ofHost(String driver, String option, String scheme, URI uri) {
    String host = uri.getHost();
    boolean isPlain = uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null && (uri.getPath().isEmpty() || uri.getPath().equals("/"));
    int port = uri.getPort() == -1 ? PORTS.getOrDefault(driver, 0) : uri.getPort();
    if (host == null || !isPlain || port < 1 || port > 65_535) {
      throw Refusal.invalid("invalid log opt " + option + ": " + Refusal.quoted(uri.toString()) + " is no " + scheme + "://host:port");
    }
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return new LogReceiver(driver, scheme.equals("tcp+tls") ? "tls" : scheme, bare.toLowerCase(Locale.ROOT), port);
  }

  /** A socket of the host's file system. */
  boolean isLocal() {
    return transport.startsWith("unix");
  }

  /** As an administrator lists it: {@code host:port} or {@code unix:///path}. */
  public String place() {
    return isLocal() ? "unix://" + host : (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }
}
