package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URL;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.TrustManager;
import java.security.SecureRandom;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.jspecify.annotations.Nullable;

/** One request of git's client, sent by the guarded client. The git client follows redirects itself, so each comes here again. */
final class GitRequest implements HttpConnection {
  private static final String ADVERTISEMENT = "application/x-git-upload-pack-advertisement";
  private static final int MOST_SENT = 16 << 20;

  private final Session session;
  private final URI address;
  private final Map<String, String> headers = new HashMap<>();
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private String method = "GET";
  private @Nullable SourceAnswer answer;

  /** All requests for one repository. @param budget of what is received */
  record Session(SourceClient client, GitAddress repository, Outing outing, PacketGuard.Budget budget, List<SourceAnswer> open) implements HttpConnectionFactory {
    @Override
    public HttpConnection create(URL url) {
      return new GitRequest(this, RemoteUrl.parse(url.toString()).address());
    }

    /** Proxies are not for sources: the address that is checked is the one that is asked. */
    @Override
    public HttpConnection create(URL url, @Nullable Proxy proxy) {
      return create(url);
    }
  }

  private GitRequest(Session session, URI address) {
    this.session = session;
    this.address = address;
  }

  private SourceAnswer answer() {
    SourceAnswer known = answer;
    if (known == null) {
      String authorization = session.repository().url().authorization();
      if (authorization != null && session.repository().url().isAt(address)) {
        headers.put("Authorization", authorization);
      }
      known = session.client().send(session.outing(), method, address, headers, method.equals("POST") ? sent.toByteArray() : null);
      session.open().add(known);
      answer = known;
      check(known);
    }
    return known;
  }

  private void check(SourceAnswer given) {
    int status = given.status();
    if (status == 401 || status == 403 || status == 407) {
      throw new TallymanException(ErrorKind.DENIED, "failed to fetch " + session.repository() + ": the server wants other credentials (status " + status + ")");
    }
    if (status == HTTP_OK && method.equals("GET") && !ADVERTISEMENT.equals(getContentType())) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + session.repository() + ": no repository of git answers there over smart http");
    }
    String encoding = given.header("Content-Encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new TallymanException(ErrorKind.INVALID, "failed to fetch " + session.repository() + ": the server packs what it was not asked to pack");
    }
  }

  @Override
  public int getResponseCode() {
    return answer().status();
  }

  @Override
  public URL getURL() {
    try {
      return address.toURL();
    } catch (IOException e) {
      throw new IllegalStateException("it was one before", e);
    }
  }

  @Override
  public String getResponseMessage() {
    return answer().reason();
  }

  @Override
  public Map<String, List<String>> getHeaderFields() {
    return answer().headers();
  }

  @Override
  public void setRequestProperty(String key, String value) {
    // What is counted must be what is read: nothing comes packed.
    if (!key.equalsIgnoreCase("Accept-Encoding") && !key.equalsIgnoreCase("Content-Length")) {
      headers.put(key, value);
    }
  }

  @Override
  public void setRequestMethod(String given) {
    method = given;
  }

  @Override
  public void setUseCaches(boolean uses) {
    // There are none.
  }

  @Override
  public void setConnectTimeout(int millis) {
    // The guarded client has its own.
  }

  @Override
  public void setReadTimeout(int millis) {
    // The guarded client has its own.
  }

  @Override
  public @Nullable String getContentType() {
    return answer().header("Content-Type");
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return new PacketGuard(answer().body(), session.budget(), method.equals("POST"));
  }

  @Override
  public @Nullable String getHeaderField(String name) {
    return answer().header(name);
  }

  @Override
  public List<String> getHeaderFields(String name) {
    return answer().headers().getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
  }

  @Override
  public int getContentLength() {
    return -1;
  }

  @Override
  public void setInstanceFollowRedirects(boolean follows) {
    // None is ever followed here.
  }

  @Override
  public void setDoOutput(boolean has) {
    // A POST has what was written.
  }

  @Override
  public void setFixedLengthStreamingMode(int bytes) {
    // It is all kept before it is sent.
  }

  @Override
  public void setChunkedStreamingMode(int bytes) {
    // It is all kept before it is sent.
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        if (sent.size() + length > MOST_SENT) {
          throw new IOException("the request to the server would be larger than " + MOST_SENT + " bytes");
        }
        sent.write(bytes, offset, length);
      }
    };
  }

  @Override
  public String getRequestMethod() {
    return method;
  }

  @Override
  public boolean usingProxy() {
    return false;
  }

  @Override
  public void connect() {
    answer();
  }

  @Override
  public void configure(KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random) {
    throw new UnsupportedOperationException("whose certificates are believed is not decided here");
  }

  @Override
  public void setHostnameVerifier(HostnameVerifier verifier) {
    throw new UnsupportedOperationException("whose certificates are believed is not decided here");
  }
}
