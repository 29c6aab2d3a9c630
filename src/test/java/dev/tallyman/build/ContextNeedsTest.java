package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is asked for of a context, before any of it has come. */
class ContextNeedsTest {
  private static BuildRequest request(String target) {
    return new BuildWish(null, List.of(), target, List.of("BASE=trigger"), List.of(), false, false).request();
  }

  /** The image {@code plain} has no triggers, {@code trigger} has one; others are not here. */
  private static ContextNeeds needs(BuildRequest request, String... lines) {
    return ContextNeeds.of(request, String.join("\n", lines), name -> switch (name) {
      case "plain" -> List.of();
      case "trigger" -> List.of("COPY wanted /");
      case "triggers" -> List.of("ADD . /");
      default -> null;
    });
  }

  private static void named(Set<String> paths, String... lines) {
    assertEquals(new ContextNeeds(false, paths), needs(request(""), lines));
  }

  private static void all(String... lines) {
    ContextNeeds needs = needs(request(""), lines);
    assertTrue(needs.isAll(), String.join("\n", lines));
    assertEquals(List.of(), needs.asked());
  }

  @Test
  void sourcesOfTheStepsAreNamed() {
    named(Set.of("a", "dir/b", "c*", "d e"), "FROM plain", "COPY ./a /dir//b/ c* /", "COPY [\"d e\", \"/\"]", "RUN make");
    named(Set.of("a.tar"), "FROM scratch", "ADD a.tar https://example.org/x https://example.org/r.git /");
    named(Set.of("src", "ro"), "FROM plain", "RUN --mount=type=bind,source=src,target=/src --mount=source=ro,target=/ro --mount=type=cache,target=/c true");
    named(Set.of("above"), "FROM plain", "COPY ../../above /");
    named(Set.of("a/b"), "FROM plain", "COPY --parents a/./b /");
    named(Set.of("b", "c"), "FROM plain", "COPY sub/../b /", "RUN --mount=source=sub/../c,target=/c true");
    named(Set.of("x/y", "z"), "FROM plain", "COPY --parents x/./../y sub/../z /");
    named(Set.of("quoted"), "FROM plain", "COPY \"quoted\" /");
  }

  @Test
  void whatIsFromElsewhereIsNotOfTheContext() {
    named(Set.of(), "FROM plain AS one", "COPY --from=other /x /", "RUN --mount=type=bind,from=other,target=/x true", "COPY <<end /y", "text", "end");
    assertTrue(needs(request(""), "FROM plain", "RUN true").isNothing());
  }

  @Test
  void stagesThatTheTargetDoesNotNeedDoNotCount() {
    String[] lines = {"FROM plain AS a", "COPY a /", "FROM nowhere AS b", "COPY . /", "FROM plain AS c", "COPY --from=a /a /", "COPY c /", "FROM b"};
    assertEquals(new ContextNeeds(false, Set.of("a", "c")), needs(request("c"), lines));
    assertTrue(needs(request(""), lines).isAll());
  }

  @Test
  void triggersOfTheBaseCount() {
    named(Set.of("wanted", "mine"), "FROM trigger", "COPY mine /");
    named(Set.of("wanted"), "ARG BASE=plain", "FROM ${BASE}");
    all("FROM triggers");
    all("FROM nowhere", "COPY a /");
    all("FROM plain AS base", "ONBUILD COPY a /", "FROM base");
  }

  @Test
  void whatCannotBeToldIsEverything() {
    all("FROM plain", "COPY . /");
    all("FROM plain", "COPY a/.. /");
    all("FROM plain", "RUN --mount=target=/context true");
    all("FROM plain", "ARG x", "COPY ${x} /");
    all("FROM plain", "RUN --mount=source=$x,target=/x true");
    for (String odd : List.of("[\"a[b]\", \"/\"]", "**/x /", "[\"!x\", \"/\"]", "[\" x\", \"/\"]", "--parents a/*.c /", "a*/b /", "a/?/c* /")) {
      all("FROM plain", "COPY " + odd);
    }
    all("FROM plain", "COPI a /");
    all("FROM plain", "COPY " + IntStream.range(0, 1001).mapToObj(Integer::toString).collect(Collectors.joining(" ")) + " /");
    BuildRequest beside = request("").withContexts(Map.of("plain", new NamedContext.OfImage("triggers")));
    assertTrue(needs(beside, "FROM plain", "COPY a /").isAll());
    assertTrue(needs(request("nosuch"), "FROM plain", "COPY a /").isAll());
  }
}
