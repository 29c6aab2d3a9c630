package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Answers as bytes (RFC 1035, section 4.1). */
final class Message {
  static final int HEADER_BYTES = 12;
  static final int A = 1;
  static final int PTR = 12;
  static final int AAAA = 28;
  static final int ANY = 255;
  static final int SERVER_FAILURE = 2;
  static final int NOT_IMPLEMENTED = 4;
  /** As far as everybody takes an answer by UDP (RFC 1035, section 2.3.4). */
  static final int UDP_BYTES = 512;

  private static final int RECORD_BYTES = 16;
  private static final int RECORD6_BYTES = 28;
  private static final int POINTER_TO_QUESTION = 0xc000 | HEADER_BYTES;
  private static final int INTERNET = 1;
  /** Docker's. */
  private static final int TTL_SECONDS = 600;

  private Message() {}

  /** A head that answers the query, with its question if there is one. */
  private static ByteBuf begin(ByteBufAllocator allocator, ByteBuf query, int questionEnd, int code, int answers) {
    ByteBuf answer = allocator.buffer(UDP_BYTES);
    boolean wantsRecursion = (query.getUnsignedByte(2) & 1) == 1;
    int opcode = query.getUnsignedByte(2) & 0x78;
    answer.writeShort(query.getUnsignedShort(0));
    answer.writeByte(0x80 | opcode | (wantsRecursion ? 1 : 0));
    answer.writeByte(0x80 | code);
    answer.writeShort(questionEnd > HEADER_BYTES ? 1 : 0);
    answer.writeShort(answers).writeShort(0).writeShort(0);
    answer.writeBytes(query, HEADER_BYTES, questionEnd - HEADER_BYTES);
    return answer;
  }

  /** @param query of at least {@link #HEADER_BYTES} */
  static ByteBuf failure(ByteBufAllocator allocator, ByteBuf query, int questionEnd, int code) {
    return begin(allocator, query, questionEnd, code, 0);
  }

  /** @param limit bytes of the whole answer; addresses that do not fit are left out */
  static ByteBuf addresses(ByteBufAllocator allocator, ByteBuf query, Question question, List<Integer> addresses, int limit) {
    List<Integer> told = addresses.subList(0, Math.min(addresses.size(), (limit - question.end()) / RECORD_BYTES));
    ByteBuf answer = begin(allocator, query, question.end(), 0, told.size());
    for (int address : told) {
      head(answer, A);
      answer.writeShort(4).writeInt(address);
    }
    return answer;
  }

  /** The same of IPv6. @param addresses of 16 bytes each */
  static ByteBuf addresses6(ByteBufAllocator allocator, ByteBuf query, Question question, List<byte[]> addresses, int limit) {
    List<byte[]> told = addresses.subList(0, Math.min(addresses.size(), (limit - question.end()) / RECORD6_BYTES));
    ByteBuf answer = begin(allocator, query, question.end(), 0, told.size());
    for (byte[] address : told) {
      head(answer, AAAA);
      answer.writeShort(address.length).writeBytes(address);
    }
    return answer;
  }

  /** @param name labels joined by dots, each of at most 63 characters */
  static ByteBuf pointer(ByteBufAllocator allocator, ByteBuf query, Question question, String name) {
    ByteBuf answer = begin(allocator, query, question.end(), 0, 1);
    head(answer, PTR);
    answer.writeShort(name.length() + 2);
    for (String label : name.split("\\.")) {
      answer.writeByte(label.length()).writeCharSequence(label, StandardCharsets.ISO_8859_1);
    }
    return answer.writeByte(0);
  }

  private static void head(ByteBuf answer, int type) {
    answer.writeShort(POINTER_TO_QUESTION).writeShort(type).writeShort(INTERNET).writeInt(TTL_SECONDS);
  }
}
