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
        chinese("failed to set up container networking: driver failed programming external connectivity on endpoint web (abc): Bind for 0.0.0.0:80 failed: port is already allocated"));
    assertEquals("无法为容器 web 发布端口 0.0.0.0:80：该端口已被容器 db 占用。",
        chinese("failed to set up container networking: driver failed programming external connectivity on endpoint web (abc): Bind for 0.0.0.0:80 failed: port is already allocated to container db"));
  }

  @Test
  void tellsRefusalsOfIpv6Apart() {
    assertEquals("主机已通过其他链路使用 10.1.0.0/16 或 fd00:1::/64。",
        chinese("invalid pool request: Pool overlaps with other one on this address space: the host reaches 10.1.0.0/16 by another link, or fd00:1::/64"));
    assertEquals("主机已通过其他链路使用 10.1.0.0/16。",
        chinese("invalid pool request: Pool overlaps with other one on this address space: the host reaches 10.1.0.0/16 by another link"));
    assertEquals("预置地址池 fd00:7461::/48 中没有空闲的 /64 子网；请删除一些网络，或自行填写子网。",
        chinese("all predefined address pools have been fully subnetted: fd00:7461::/48 has no free /64 left; remove networks, or name a subnet"));
    assertEquals("子网 fd00::/200 无效：请写 IPv6 地址和 8 到 126 的前缀，例如 fd00:7461:6c6c:1::/64。",
        chinese("invalid subnet fd00::/200: write an IPv6 address and a prefix of 8 to 126, e.g. fd00:7461:6c6c:1::/64"));
    assertEquals("网络 net（fd00::/126）没有空闲的 IPv6 地址；请删除不再需要的容器。",
        chinese("no available IPv6 addresses on this network's address pools: net (fd00::/126); remove containers that are no longer needed"));
    assertEquals("本机策略的 subnets6 不允许此网络；可由 root 在策略文件中更改。",
        chinese("the policy of this host forbids it: subnets6 does not allow this network (root can change that in the policy file)"));
  }

  /** The first line that fits is taken, and the one of any other reason fits too. */
  @Test
  void saysThatAnArchiveEndsEarly() {
    assertEquals("无法读取归档：内容不完整，提前结束。", chinese("cannot read the archive: it ends early"));
    assertEquals("无法读取归档：bad header", chinese("cannot read the archive: bad header"));
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
