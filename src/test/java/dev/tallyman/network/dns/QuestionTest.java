package dev.tallyman.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.kernel.Inet6;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Reading questions, hostile ones too, and writing answers. */
class QuestionTest {
  private static final Directory DIRECTORY =
      new Directory() {
        @Override
        public Optional<List<Integer>> addresses(String name) {
          return name.equals("web") ? Optional.of(List.of(0x0a000001)) : name.equals("many") ? Optional.of(java.util.Collections.nCopies(100, 0x0a000002)) : Optional.empty();
        }

        @Override
        public List<byte[]> addresses6(String name) {
          return name.equals("many") ? java.util.Collections.nCopies(100, Inet6.parse("fd00::2")) : List.of();
        }

        @Override
        public Optional<String> name6(byte[] address) {
          return Inet6.text(address).equals("fd00::2") ? Optional.of("many.net") : Optional.empty();
        }

        @Override
        public Optional<String> name(int address) {
          return address == 0x0a000001 ? Optional.of("web.net") : Optional.empty();
        }

        @Override
        public List<InetSocketAddress> upstream() {
          return List.of();
        }
      };

  private static Optional<ByteBuf> answer(ByteBuf query, int limit) {
    return Answering.local(ByteBufAllocator.DEFAULT, query, Question.of(query).orElseThrow(), DIRECTORY, limit);
  }

  @Test
  void answersIpv6AsFarAsItFits() {
    ByteBuf whole = answer(Queries.of(1, "many", Message.AAAA), 65535).orElseThrow();
    ByteBuf cut = answer(Queries.of(1, "many", Message.AAAA), 512).orElseThrow();

    assertEquals(100, whole.getUnsignedShort(6));
    assertEquals(17, cut.getUnsignedShort(6));
    assertTrue(cut.readableBytes() <= 512);
    assertEquals(Message.AAAA, cut.getUnsignedShort(12 + 10 + 2));
    assertEquals("fd00::2", Inet6.text(io.netty.buffer.ByteBufUtil.getBytes(cut, cut.writerIndex() - 16, 16)));
    String reverse = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa";
    assertEquals(1, answer(Queries.of(1, reverse, Message.PTR), 512).orElseThrow().getUnsignedShort(6));
    for (String wrong : List.of("3" + reverse.substring(1), reverse.substring(2), "x" + reverse.substring(1), "0." + reverse, "ip6.arpa", ".ip6.arpa")) {
      assertFalse(Answering.local(ByteBufAllocator.DEFAULT, Queries.of(1, "x", Message.PTR), new Question(wrong, Message.PTR, true, 19), DIRECTORY, 512).isPresent(), wrong);
    }
  }

  @Test
  void readsAQuestion() {
    assertEquals(Optional.of(new Question("web.example", Message.A, true, 12 + 13 + 4)), Question.of(Queries.of(7, "WEB.Example", Message.A)));
    assertEquals("", Question.of(Queries.of(7, "", Message.A)).orElseThrow().name());
  }

  @Test
  void refusesWhatIsNone() {
    ByteBuf good = Queries.of(7, "web", Message.A);
    for (int length = 0; length < good.readableBytes(); length++) {
      assertTrue(Question.of(good.copy(0, length)).isEmpty(), "cut to " + length);
    }
    assertTrue(Question.of(good.copy().setByte(2, 0x80)).isEmpty(), "an answer");
    assertTrue(Question.of(good.copy().setByte(2, 0x28)).isEmpty(), "an update");
    assertTrue(Question.of(good.copy().setShort(4, 0)).isEmpty(), "no question");
    assertTrue(Question.of(good.copy().setShort(4, 2)).isEmpty(), "two questions");
    assertTrue(Question.of(good.copy().setByte(12, 0xc0)).isEmpty(), "a pointer");
    assertTrue(Question.of(good.copy().setByte(12, 64)).isEmpty(), "a label that is too long");
    assertTrue(Question.of(Queries.of(7, "a.".repeat(130) + "a", Message.A)).isEmpty(), "a name that is too long");
  }

  @Test
  void standsNoise() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] noise = new byte[random.nextInt(80)];
      random.nextBytes(noise);
      ByteBuf packet = Unpooled.wrappedBuffer(noise);
      if (noise.length > 5 && i % 2 == 0) {
        packet.setByte(2, 1).setShort(4, 1);
      }
      Question.of(packet).ifPresent(question -> Answering.local(ByteBufAllocator.DEFAULT, packet, question, DIRECTORY, 512).ifPresent(ByteBuf::release));
    }
  }

  @Test
  void answersAnAddress() {
    ByteBuf answer = answer(Queries.of(0x1234, "web", Message.A), 512).orElseThrow();

    assertEquals(0x1234, answer.getUnsignedShort(0));
    assertEquals(0x8180, answer.getUnsignedShort(2));
    assertEquals(1, answer.getUnsignedShort(6));
    assertEquals(0x0a000001, answer.getInt(answer.readableBytes() - 4));
    assertEquals("web", Question.of(answer.copy().setByte(2, 0)).orElseThrow().name());
  }

  @Test
  void aKnownNameHasNothingElse() {
    assertEquals(0, answer(Queries.of(1, "web", Message.AAAA), 512).orElseThrow().getUnsignedShort(6));
    assertEquals(0, answer(Queries.of(1, "web", 15), 512).orElseThrow().getUnsignedShort(6));
    assertTrue(answer(Queries.of(1, "other", Message.A), 512).isEmpty());
    ByteBuf chaos = Queries.of(1, "web", Message.A);
    assertTrue(answer(chaos.setShort(chaos.readableBytes() - 2, 3), 512).isEmpty());
  }

  @Test
  void staysWithinTheLimit() {
    ByteBuf udp = answer(Queries.of(1, "many", Message.A), 512).orElseThrow();

    assertTrue(udp.readableBytes() <= 512 && udp.getUnsignedShort(6) == 30, udp.readableBytes() + " bytes");
    assertEquals(100, answer(Queries.of(1, "many", Message.A), 65535).orElseThrow().getUnsignedShort(6));
  }

  @Test
  void answersWhoHasAnAddress() {
    ByteBuf answer = answer(Queries.of(1, "1.0.0.10.in-addr.arpa", Message.PTR), 512).orElseThrow();

    assertEquals("\003web\003net\0", answer.toString(answer.readableBytes() - 9, 9, java.nio.charset.StandardCharsets.ISO_8859_1));
    for (String other : List.of("2.0.0.10.in-addr.arpa", "1.0.0.300.in-addr.arpa", "0.10.in-addr.arpa", "web")) {
      assertTrue(answer(Queries.of(1, other, Message.PTR), 512).isEmpty(), other);
    }
  }
}
