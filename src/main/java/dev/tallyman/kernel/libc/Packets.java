package dev.tallyman.kernel.libc;

import jnr.ffi.Memory;
import jnr.ffi.Pointer;

/** Sends and receives whole packets on a SOCK_SEQPACKET socket, descriptors included. For one thread: its buffers are used again. */
public final class Packets {
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int CONTROL_HEADER_BYTES = 16;
  /** The header and two descriptors, which are all that may come. */
  private static final int CONTROL_BYTES = 24;
  private static final int MSG_CMSG_CLOEXEC = 0x40000000;

  private final NativeBuffer buffer;
  private final Pointer message = Memory.allocateDirect(Libc.RUNTIME, 56);
  private final Pointer vector = Memory.allocateDirect(Libc.RUNTIME, 16);
  private final Pointer control = Memory.allocateDirect(Libc.RUNTIME, 32);

  public Packets(int maximumBytes) {
    buffer = new NativeBuffer(maximumBytes);
  }

  /** @param fds at most 2 descriptors that travel with the packet; they stay open here */
  public void send(int socket, byte[] packet, int... fds) throws LibcException {
    buffer.put(0, packet, 0, packet.length);
    vector.putAddress(0, buffer.pointer.address());
    vector.putLong(8, packet.length);
    message.setMemory(0, 56, (byte) 0);
    message.putAddress(16, vector.address());
    message.putLong(24, 1);
    if (fds.length > 0) {
      long length = CONTROL_HEADER_BYTES + 4L * fds.length;
      control.setMemory(0, 32, (byte) 0);
      control.putLong(0, length);
      control.putInt(8, SOL_SOCKET);
      control.putInt(12, SCM_RIGHTS);
      for (int i = 0; i < fds.length; i++) {
        control.putInt(CONTROL_HEADER_BYTES + 4L * i, fds[i]);
      }
      message.putAddress(32, control.address());
      message.putLong(40, CONTROL_HEADER_BYTES + 8L * ((fds.length + 1) / 2));
    }
    while (Libc.C.sendmsg(socket, message, MSG_NOSIGNAL) < 0) {
      Libc.retryOrThrow("sendmsg");
    }
  }

  /** @param fds that came with it; whoever receives them closes them */
  public record Packet(byte[] bytes, int[] fds) {}

  /** The next packet; empty when the other end closed. */
  public Packet receive(int socket) throws LibcException {
    vector.putAddress(0, buffer.pointer.address());
    vector.putLong(8, buffer.size());
    message.setMemory(0, 56, (byte) 0);
    message.putAddress(16, vector.address());
    message.putLong(24, 1);
    message.putAddress(32, control.address());
    message.putLong(40, CONTROL_BYTES);
    control.setMemory(0, CONTROL_BYTES, (byte) 0);
    long count;
    while ((count = Libc.C.recvmsg(socket, message, MSG_CMSG_CLOEXEC)) < 0) {
      Libc.retryOrThrow("recvmsg");
    }
    byte[] packet = new byte[(int) count];
    buffer.get(packet, packet.length);
    return new Packet(packet, receivedFds());
  }

  private int[] receivedFds() {
    boolean hasFds = message.getLong(40) >= CONTROL_HEADER_BYTES && control.getInt(8) == SOL_SOCKET && control.getInt(12) == SCM_RIGHTS;
    int[] fds = new int[hasFds ? (int) (control.getLong(0) - CONTROL_HEADER_BYTES) / 4 : 0];
    for (int i = 0; i < fds.length; i++) {
      fds[i] = control.getInt(CONTROL_HEADER_BYTES + 4L * i);
    }
    return fds;
  }
}
