package dev.tallyman.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tallyman.build.StepPlaces.Step;
import dev.tallyman.image.ImageConfig;
import dev.tallyman.image.Images.Image;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CarriedStepsTest {
  private static final String A = "a".repeat(64);
  private static final String B = "b".repeat(64);
  private static final String C = "c".repeat(64);

  private static String id(int digit) {
    return "sha256:" + Integer.toString(digit).repeat(64);
  }

  private static Image image(String id, List<String> diffIds, Map<String, String> labels) {
    return new Image(id, List.of(), List.of(), Instant.EPOCH, 0, "amd64", "linux", ImageConfig.empty().withLabels(labels), diffIds, diffIds, "", "", 1, "", null, null, "{}");
  }

  private static CarriedSteps read(String label, String... diffIds) {
    return CarriedSteps.of(image(id(0), List.of(diffIds), Map.of(CarriedSteps.LABEL, label)));
  }

  @Test
  void whatIsWrittenIsReadAgain() {
    String label = CarriedSteps.label(List.of(new Step(A, id(2)), new Step(B, ""), new Step(C, id(9))), List.of(id(1), id(2)));
    CarriedSteps steps = read(label, id(1), id(2));

    assertEquals(2, steps.count());
    assertEquals(id(2), steps.layer(A));
    assertEquals("", steps.layer(B));
    assertNull(steps.layer(C));
  }

  @Test
  void whatCannotBeReadIsNone() {
    assertNull(CarriedSteps.of(image(id(0), List.of(), Map.of())));
    for (String label : List.of("", " ", A, A + "=0 ", A + "=1", A + "=-1", A + "=0000", A + "=x", "A" + A.substring(1) + "=0", (A + "=0 ").repeat(5_000).strip())) {
      assertNull(read(label, id(1)), label);
    }
  }

  private static String place(StepResult below, String text, StepResult... images) {
    return new StepResult.Inputs(text, List.of(images)).on(below, StepResult::place);
  }

  @Test
  void placesAreTheSameWhereverTheImagesWereMade() {
    StepResult base = StepResult.named(image(id(1), List.of(id(1)), Map.of()));
    String first = place(base, "RUN one");
    assertNotEquals(first, place(base, "RUN two"));
    assertNotEquals(first, place(StepResult.named(image(id(2), List.of(), Map.of())), "RUN one"));
    StepResult made = new StepResult(image(id(3), List.of(id(1), id(5)), Map.of()), "key", first);
    StepResult there = new StepResult(image(id(4), List.of(id(1), id(5)), Map.of()), "other", first);
    StepPlaces here = new StepPlaces();
    here.add(base.image(), made);

    assertEquals(place(made, "RUN x"), place(there, "RUN x"));
    assertNotEquals(place(made, "RUN x"), place(StepResult.named(made.image()), "RUN x"), "it was named, and leads elsewhere there");
    assertEquals(place(base, "RUN --mount", made), place(base, "RUN --mount", there));
    assertNotEquals(place(base, "RUN --mount", made), place(base, "RUN --mount", base));
    assertNotEquals(place(base, "RUN --mount"), place(base, "RUN --mount", base));
    assertEquals(List.of(new Step(first, id(5))), here.steps());
  }
}
