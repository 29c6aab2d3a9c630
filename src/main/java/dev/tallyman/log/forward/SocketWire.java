package dev.tallyman.log.forward;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** TCP, with or without TLS. */
final class SocketWire implements StreamWire {
  private static final int GLANCE_MILLIS = 1;

  private final Socket socket;
  private final OutputStream out;
  private final InputStream in;

  private SocketWire(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = socket.getInputStream();
  }

  static SocketWire plain(Socket connected) throws IOException {
    return new SocketWire(connected);
  }

  /** @throws IOException also if the certificate is not believed, or is another host's */
  static SocketWire tls(Socket connected, SSLSocketFactory factory, String host, int port, int timeoutMillis) throws IOException {
    connected.setSoTimeout(timeoutMillis);
    SSLSocket secure = (SSLSocket) factory.createSocket(connected, host, port, true);
    SSLParameters parameters = secure.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    secure.setSSLParameters(parameters);
    secure.startHandshake();
    return new SocketWire(secure);
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    out.write(bytes);
    out.flush();
  }

  /** Receivers say nothing unasked; what they do say is passed over. */
  @Override
  public void check() throws IOException {
    socket.setSoTimeout(GLANCE_MILLIS);
    try {
      if (in.read() < 0) {
        throw new EOFException("the receiver closed the connection");
      }
    } catch (SocketTimeoutException e) {
      return; // it is there, and silent
    }
  }

  @Override
  public InputStream answers(int timeoutMillis) throws IOException {
    socket.setSoTimeout(timeoutMillis);
    return in;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
