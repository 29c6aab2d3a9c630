package dev.tallyman.image;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A filter such as {@code busy*} or {@code busybox:1.*}: Go's path.Match over the familiar name, with and without tag. Matching takes at
 * most pattern × text steps, because the pattern comes from a client.
 */
final class ReferencePattern {
  private static final int LONGEST = 512;

  /** @param accepts one character; a star repeats it any number of times */
  private record Piece(IntPredicate accepts, boolean isStar) {}

  private final List<Piece> pieces;

  private ReferencePattern(List<Piece> pieces) {
    this.pieces = pieces;
  }

  static ReferencePattern of(String text) {
    if (text.length() > LONGEST) {
      throw invalid(text);
    }
    List<Piece> pieces = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      at = append(text, at, pieces);
    }
    return new ReferencePattern(pieces);
  }

  boolean matches(ImageReference reference) {
    return matches(reference.familiar()) || matches(reference.familiarName());
  }

  boolean matches(String text) {
    int at = 0;
    int piece = 0;
    int lastStar = -1;
    int afterStar = 0;
    while (at < text.length()) {
      if (piece < pieces.size() && pieces.get(piece).isStar()) {
        lastStar = piece++;
        afterStar = at;
      } else if (piece < pieces.size() && pieces.get(piece).accepts().test(text.charAt(at))) {
        piece++;
        at++;
      } else if (lastStar >= 0 && text.charAt(afterStar) != '/') {
        at = ++afterStar;
        piece = lastStar + 1;
      } else {
        return false;
      }
    }
    while (piece < pieces.size() && pieces.get(piece).isStar()) {
      piece++;
    }
    return piece == pieces.size();
  }

  /** @return where the next piece begins */
  private static int append(String text, int at, List<Piece> pieces) {
    char c = text.charAt(at);
    switch (c) {
      case '*' -> pieces.add(new Piece(each -> each != '/', true));
      case '?' -> pieces.add(new Piece(each -> each != '/', false));
      case '[' -> {
        return appendClass(text, at, pieces);
      }
      case '\\' -> {
        if (at + 1 == text.length()) {
          throw invalid(text);
        }
        char quoted = text.charAt(at + 1);
        pieces.add(new Piece(each -> each == quoted, false));
        return at + 2;
      }
      default -> pieces.add(new Piece(each -> each == c, false));
    }
    return at + 1;
  }

  private static int appendClass(String text, int at, List<Piece> pieces) {
    int end = text.indexOf(']', at + 1);
    if (end < 0 || end == at + 1) {
      throw invalid(text);
    }
    boolean isNegated = text.charAt(at + 1) == '^';
    String body = text.substring(at + (isNegated ? 2 : 1), end);
    IntPredicate inside = each -> false;
    for (int i = 0; i < body.length(); i++) {
      char low = body.charAt(i);
      boolean isRange = i + 2 < body.length() && body.charAt(i + 1) == '-';
      char high = isRange ? body.charAt(i + 2) : low;
      inside = inside.or(each -> each >= low && each <= high);
      i += isRange ? 2 : 0;
    }
    pieces.add(new Piece(isNegated ? inside.negate().and(each -> each != '/') : inside, false));
    return end + 1;
  }

  private static TallymanException invalid(String text) {
    return new TallymanException(ErrorKind.INVALID, "invalid reference pattern '" + Texts.shortened(text) + "': syntax error in pattern");
  }
}
