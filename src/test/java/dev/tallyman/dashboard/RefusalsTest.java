package dev.tallyman.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.dashboard.Refusals.Line;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RefusalsTest {
  private static final Pattern PLACE = Pattern.compile("\\{(\\d)}");

  private static String chinese(String message) {
    return Refusals.say(Language.CHINESE, message);
  }

  @Test
  void leavesEnglishAlone() {
    assertEquals("No such container: web", Refusals.say(Language.ENGLISH, "No such container: web"));
  }

  @Test
  void putsWhatVariesInItsPlace() {
    assertEquals("没有容器 web。", chinese("No such container: web"));
    assertEquals("无权执行此操作：账户 ann 的角色是 viewer；请联系管理员。", chinese("cannot create a container: account ann has the role viewer, which lacks the right; ask an administrator"));
    assertEquals("无法为容器 web 发布端口 0.0.0.0:80：该端口已被占用。",
        chinese("driver failed programming external connectivity on endpoint web (abc): Bind for 0.0.0.0:80 failed: port is already allocated"));
  }

  @Test
  void marksWhatItDoesNotKnow() {
    assertEquals("服务器的答复：a new sentence", chinese("a new sentence"));
    assertEquals("已是中文", chinese("已是中文"));
  }

  /** Sentences repeat what a client sent: it is put in as text, once, and a long one costs no time. */
  @Test
  void takesHostileTextAsText() {
    assertEquals("没有容器 {1} $1 \\。", chinese("No such container: {1} $1 \\"));
    String far = "cannot " + ": user id ".repeat(100_000) + "x";
    assertEquals(far, chinese(far));
  }

  @Test
  void everyPlaceOfATranslationIsOneOfItsSentence() {
    Set<String> seen = new HashSet<>();
    for (Line line : Refusals.lines()) {
      int groups = line.english().matcher("").groupCount();
      Matcher places = PLACE.matcher(line.translated());
      while (places.find()) {
        int number = Integer.parseInt(places.group(1));
        assertTrue(number >= 1 && number <= groups, line.translated());
      }
      assertTrue(seen.add(line.english().pattern()), "twice: " + line.english());
    }
  }
}
