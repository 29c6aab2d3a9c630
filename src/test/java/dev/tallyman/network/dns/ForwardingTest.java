package dev.tallyman.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollEventLoopGroup;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Asks resolvers on this machine's loopback: good, slow, absent and lying ones. */
@Timeout(30)
class ForwardingTest {
  private final EventLoopGroup loops = new EpollEventLoopGroup(1);
  private final Forwarding forwarding = new Forwarding(300);
  private DatagramSocket udp;
  private volatile int askedId;

  @BeforeEach
  void open() throws IOException {
    udp = new DatagramSocket(0, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() {
    udp.close();
    loops.shutdownGracefully();
  }

  /** Answers every question with what the function makes of it; null = not at all. */
  private InetSocketAddress serve(UnaryOperator<byte @Nullable []> answer) {
    Thread server =
        new Thread(
            () -> {
              try {
                while (true) {
                  DatagramPacket packet = new DatagramPacket(new byte[1500], 1500);
                  udp.receive(packet);
                  askedId = (packet.getData()[0] & 255) << 8 | packet.getData()[1] & 255;
                  byte[] reply = answer.apply(java.util.Arrays.copyOf(packet.getData(), packet.getLength()));
                  if (reply != null) {
                    udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                  }
                }
              } catch (IOException e) {
                // closed: the test is over
              }
            });
    server.setDaemon(true);
    server.start();
    return (InetSocketAddress) udp.getLocalSocketAddress();
  }

  private static byte[] answered(byte[] query) {
    byte[] answer = query.clone();
    answer[2] |= (byte) 0x80;
    return answer;
  }

  private @Nullable ByteBuf ask(ByteBuf query, boolean isTcp, InetSocketAddress... servers) throws Exception {
    CompletableFuture<@Nullable ByteBuf> result = new CompletableFuture<>();
    var loop = loops.next();
    loop.execute(() -> forwarding.ask(loop, List.of(servers), query, isTcp, result::complete));
    return result.get(20, TimeUnit.SECONDS);
  }

  @Test
  void bringsTheAnswerUnderTheAskersId() throws Exception {
    ByteBuf answer = ask(Queries.of(0x4321, "example.org", Message.A), false, serve(ForwardingTest::answered));

    assertEquals(0x4321, answer.getUnsignedShort(0));
    assertTrue(answer.getUnsignedByte(2) >= 0x80);
    int first = askedId;
    ask(Queries.of(0x4321, "example.org", Message.A), false, (InetSocketAddress) udp.getLocalSocketAddress());
    ask(Queries.of(0x4321, "example.org", Message.A), false, (InetSocketAddress) udp.getLocalSocketAddress());
    assertNotEquals(first << 16 | 0x4321, askedId << 16 | askedId);
  }

  @Test
  void asksTheNextWhenOneIsSilent() throws Exception {
    DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress());

    ByteBuf answer = ask(Queries.of(5, "example.org", Message.A), false, (InetSocketAddress) silent.getLocalSocketAddress(), serve(ForwardingTest::answered));

    assertEquals(5, answer.getUnsignedShort(0));
    silent.close();
  }

  @Test
  void asksTheNextWhenNobodyListens() throws Exception {
    DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress());
    InetSocketAddress nobody = (InetSocketAddress) closed.getLocalSocketAddress();
    closed.close();

    assertEquals(6, ask(Queries.of(6, "example.org", Message.A), false, nobody, serve(ForwardingTest::answered)).getUnsignedShort(0));
    assertNull(ask(Queries.of(6, "example.org", Message.A), false, nobody));
    assertNull(ask(Queries.of(6, "example.org", Message.A), true, nobody));
    assertNull(ask(Queries.of(6, "example.org", Message.A), false));
  }

  @Test
  void takesNoAnswerToAnotherQuestion() throws Exception {
    InetSocketAddress liar =
        serve(
            query -> {
              byte[] answer = answered(query);
              answer[13] = 'X'; // another name
              return answer;
            });

    assertNull(ask(Queries.of(7, "example.org", Message.A), false, liar));
  }

  @Test
  void takesNoAnswerWithAnotherId() throws Exception {
    InetSocketAddress liar =
        serve(
            query -> {
              byte[] answer = answered(query);
              answer[0] ^= 1;
              return answer;
            });

    assertNull(ask(Queries.of(7, "example.org", Message.A), false, liar));
    assertNull(ask(Queries.of(7, "example.org", Message.A), false, (InetSocketAddress) udp.getLocalSocketAddress()));
  }

  @Test
  void asksByTcp() throws Exception {
    try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread server =
          new Thread(
              () -> {
                try (Socket client = tcp.accept()) {
                  DataInputStream in = new DataInputStream(client.getInputStream());
                  byte[] answer = answered(in.readNBytes(in.readUnsignedShort()));
                  DataOutputStream out = new DataOutputStream(client.getOutputStream());
                  out.writeShort(answer.length + 5000);
                  out.write(answer);
                  out.write(new byte[5000]);
                } catch (IOException e) {
                  // the test fails by itself
                }
              });
      server.start();

      ByteBuf answer = ask(Queries.of(8, "example.org", Message.A), true, (InetSocketAddress) tcp.getLocalSocketAddress());

      assertEquals(8, answer.getUnsignedShort(0));
      assertTrue(answer.readableBytes() > 5000);
    }
  }
}
