package dev.tallyman.distribution;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.apache.hc.core5.ssl.SSLContexts;

/** Whose certificates are believed: the platform's authorities, those of a folder for one registry, or anybody's. */
@Singleton
public class Trust {
  private final RegistrySettings settings;

  @Inject
  Trust(RegistrySettings settings) {
    this.settings = settings;
  }

  public TlsSocketStrategy usual() {
    return new DefaultClientTlsStrategy(SSLContexts.createDefault());
  }

  /** For registries that an administrator has named as insecure. */
  TlsSocketStrategy anybody() {
    return new DefaultClientTlsStrategy(anybodysContext(), NoopHostnameVerifier.INSTANCE);
  }

  SSLSocket anybodysSocket(Socket below, String host, int port) throws IOException {
    return (SSLSocket) anybodysContext().getSocketFactory().createSocket(below, host, port, false);
  }

  private static SSLContext anybodysContext() {
    try {
      return SSLContextBuilder.create().loadTrustMaterial((chain, type) -> true).build();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has TLS", e);
    }
  }

  /** True without authorities of its own: {@link #usual} is all there is. */
  public boolean isUsual(String authority) {
    return !Files.isDirectory(settings.certificates().resolve(authority));
  }

  /** @throws TallymanException INTERNAL when a certificate in the registry's folder cannot be read */
  public TlsSocketStrategy of(String authority) {
    Path folder = settings.certificates().resolve(authority);
    if (isUsual(authority)) {
      return usual();
    }
    try {
      SSLContextBuilder builder = SSLContextBuilder.create().loadTrustMaterial(authorities(folder), null);
      // The platform's own stay believed beside them.
      builder.loadTrustMaterial((KeyStore) null, null);
      return new DefaultClientTlsStrategy(builder.build());
    } catch (GeneralSecurityException | IOException e) {
      throw new TallymanException(ErrorKind.INTERNAL, "the certificates for registry " + authority + " in " + folder + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static KeyStore authorities(Path folder) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    int count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.crt")) {
      for (Path file : files) {
        try (InputStream in = Files.newInputStream(file)) {
          for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
            store.setCertificateEntry("authority-" + count++, each);
          }
        }
      }
    }
    return store;
  }
}
