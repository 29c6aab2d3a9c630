package dev.tallyman.log.forward;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;

/** UDP: nobody says whether anything arrives, but a host that has nobody at the port does. */
final class DatagramWire implements Wire {
  private final DatagramSocket socket = new DatagramSocket();

  DatagramWire(String host, int port) throws IOException {
    socket.connect(InetAddress.getByName(host), port);
  }

  @Override
  public void write(byte[] bytes) throws IOException {
    socket.send(new DatagramPacket(bytes, bytes.length));
  }

  @Override
  public void check() {}

  @Override
  public boolean isDatagram() {
    return true;
  }

  @Override
  public void close() {
    socket.close();
  }
}
