package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers from a directory what can be answered from it. */
final class Answering {
  private static final Pattern REVERSE = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.in-addr\\.arpa");

  private Answering() {}

  /** @return absent if others have to be asked */
  static Optional<ByteBuf> local(ByteBufAllocator allocator, ByteBuf query, Question question, Directory directory, int limit) {
    if (!question.isInternet()) {
      return Optional.empty();
    }
    if (question.type() == Message.PTR) {
      return address(question.name()).flatMap(directory::name).map(name -> Message.pointer(allocator, query, question, name));
    }
    return directory.addresses(question.name()).map(found -> Message.addresses(allocator, query, question, chosen(question, found), limit));
  }

  /** A known name has only IPv4 addresses: to other questions the answer is that there is nothing. */
  private static List<Integer> chosen(Question question, List<Integer> found) {
    if (question.type() != Message.A && question.type() != Message.ANY) {
      return List.of();
    }
    List<Integer> mixed = new ArrayList<>(found);
    Collections.shuffle(mixed);
    return mixed;
  }

  private static Optional<Integer> address(String name) {
    Matcher matcher = REVERSE.matcher(name);
    int address = 0;
    boolean isGood = matcher.matches();
    for (int i = 4; isGood && i >= 1; i--) {
      int part = Integer.parseInt(matcher.group(i));
      isGood = part <= 255;
      address = address << 8 | part;
    }
    return isGood ? Optional.of(address) : Optional.empty();
  }
}
