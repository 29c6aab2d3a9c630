package dev.tallyman.network.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers from a directory what can be answered from it. */
final class Answering {
  private static final Pattern REVERSE = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})\\.in-addr\\.arpa");

  private static final String REVERSE6 = ".ip6.arpa";

  private Answering() {}

  /** @return absent if others have to be asked */
  static Optional<ByteBuf> local(ByteBufAllocator allocator, ByteBuf query, Question question, Directory directory, int limit) {
    if (!question.isInternet()) {
      return Optional.empty();
    }
    if (question.type() == Message.PTR) {
      return named(question.name(), directory).map(name -> Message.pointer(allocator, query, question, name));
    }
    if (question.type() == Message.AAAA) {
      return directory.addresses(question.name()).map(known -> Message.addresses6(allocator, query, question, mixed(directory.addresses6(question.name())), limit));
    }
    return directory.addresses(question.name()).map(found -> Message.addresses(allocator, query, question, chosen(question, found), limit));
  }

  private static Optional<String> named(String reverse, Directory directory) {
    return reverse.endsWith(REVERSE6) ? address6(reverse).flatMap(directory::name6) : address(reverse).flatMap(directory::name);
  }

  /** 32 digits, the last first, with dots between them (RFC 3596). */
  private static Optional<byte[]> address6(String name) {
    String digits = name.substring(0, name.length() - REVERSE6.length()).replace(".", "");
    boolean isGood = digits.length() == 32 && name.length() == 63 + REVERSE6.length() && digits.chars().allMatch(each -> Character.digit(each, 16) >= 0 && each < 128);
    return isGood ? Optional.of(HexFormat.of().parseHex(new StringBuilder(digits).reverse())) : Optional.empty();
  }

  private static <T> List<T> mixed(List<T> found) {
    List<T> mixed = new ArrayList<>(found);
    Collections.shuffle(mixed);
    return mixed;
  }

  /** To questions about what is no address the answer is that there is nothing. */
  private static List<Integer> chosen(Question question, List<Integer> found) {
    if (question.type() != Message.A && question.type() != Message.ANY) {
      return List.of();
    }
    return mixed(found);
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
