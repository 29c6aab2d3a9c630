package dev.tallyman.build.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WordsTest {
  private static final Map<String, String> VARIABLES =
      Map.of("CITY", "Lima", "FILE", "src/main/app.tar.gz", "EMPTY", "", "TWO", "one  two", "STARS", "a*b*c", "NAME_2", "второй", "LINES", "ab\ncb");

  private final Words words = new Words(Lookup.of(VARIABLES), '\\');

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', ignoreLeadingAndTrailingWhitespace = true, textBlock = """
      plain                  | plain
      $CITY                  | Lima
      in-$CITY.              | in-Lima.
      ${CITY}s               | Limas
      $NAME_2                | второй
      "$CITY"                | Lima
      '$CITY'                | $CITY
      \\$CITY                | $CITY
      \\\\$CITY              | \\Lima
      "\\$CITY"              | $CITY
      "a\\b"                 | a\\b
      a\\b                   | ab
      ends\\                 | ends
      it\\'s                 | it's
      "it's"                 | it's
      x'y'"z"                | xyz
      $.                     | $.
      cost$                  | cost$
      a$1b                   | ab
      ${NONE:-w}             | w
      ${EMPTY:-w}            | w
      ${EMPTY-w}             | ~~
      ${CITY:-w}             | Lima
      ${NONE-$CITY}          | Lima
      ${NONE:-${EMPTY:-deep}}| deep
      ${NONE:-'a b'}         | a b
      ${CITY:+w}             | w
      ${EMPTY:+w}            | ~~
      ${EMPTY+w}             | w
      ${NONE+w}              | ~~
      ${CITY:?must}          | Lima
      ${EMPTY?must}          | ~~
      ${FILE#*/}             | main/app.tar.gz
      ${FILE##*/}            | app.tar.gz
      ${FILE%.*}             | src/main/app.tar
      ${FILE%%.*}            | src/main/app
      ${FILE#none}           | src/main/app.tar.gz
      ${FILE#???}            | /main/app.tar.gz
      ${FILE%.??}            | src/main/app.tar
      ${FILE%$NONE}          | src/main/app.tar.gz
      ${STARS#a\\*}          | b*c
      ${STARS%%\\**}         | a
      ${STARS/\\*/-}         | a-b*c
      ${STARS//\\*/-}        | a-b-c
      ${FILE/main/test}      | src/test/app.tar.gz
      ${FILE//\\//_}         | src_main_app.tar.gz
      ${FILE/*a/X}           | Xr.gz
      ${CITY//?/x}           | xxxx
      ${CITY//z/x}           | Lima
      ${LINES##a*cb}         | ${LINES}
      ${FILE/none/x}         | src/main/app.tar.gz
      """)
  void expands(String text, String expected) {
    String wanted = expected.equals("${LINES}") ? VARIABLES.get("LINES") : expected;

    assertEquals(wanted, words.word(text));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      'open               | matching single-quote
      "open               | matching double-quote
      "open\\"            | matching double-quote
      ${CITY              | missing '}'
      ${CITY:-            | missing '}'
      ${                  | missing '}'
      ${}                 | bad substitution
      ${:-w}              | bad substitution
      ${{CITY}}           | bad substitution
      ${CITY=w}           | unsupported modifier (=)
      ${CITY:#w}          | unsupported modifier (:#)
      ${CITY:%w}          | unsupported modifier (:%)
      ${CITY:w}           | unsupported modifier (:w)
      ${CITY!}            | unsupported modifier (!)
      ${NONE:?say so}     | NONE: say so
      ${EMPTY:?}          | EMPTY: is not allowed to be empty
      ${NONE?}            | NONE: is not allowed to be unset
      ${CITY/a}           | missing '/' in ${}
      ${CITY/a/b          | missing '}'
      ${CITY#\\x}         | invalid escape '\\x'
      """)
  void refuses(String text, String reason) {
    DockerfileException refused = assertThrows(DockerfileException.class, () -> words.word(text));

    assertTrue(refused.getMessage().contains(reason), refused::getMessage);
    assertTrue(refused.getMessage().startsWith("failed to process \""), refused::getMessage);
  }

  @Test
  void splitsValuesUnlessTheyAreQuoted() {
    assertEquals(List.of("80", "one", "two", "90"), words.words(" 80 $TWO  90 "));
    assertEquals(List.of("one  two"), words.words("\"$TWO\""));
    assertEquals(List.of("a b", "c"), words.words("a\\ b c"));
    assertEquals(List.of("pre-one", "two-post"), words.words("pre-$TWO-post"));
    assertEquals(List.of("pre-w"), words.words("pre-${NONE:-w}"));
    assertEquals(List.of(), words.words("$EMPTY ''"));
  }

  @Test
  void takesQuotesOfAHereDocumentAsTheyAre() {
    assertEquals("say \"Lima\", it's 'Lima' for $5", words.text("say \"$CITY\", it's '${CITY}' for \\$5"));
  }

  @Test
  void knowsTheBacktickAsEscape() {
    Words backtick = new Words(Lookup.of(VARIABLES), '`');

    assertEquals("C:\\Lima", backtick.word("C:\\$CITY"));
    assertEquals("$CITY", backtick.word("`$CITY"));
    assertEquals("a\"b", backtick.word("\"a`\"b\""));
  }

  @Test
  void tellsWhichVariablesWereMissing() {
    words.word("$CITY $NONE ${OTHER:-$THIRD} ${EMPTY}");

    assertEquals(Set.of("NONE", "OTHER", "THIRD"), words.missing());
  }

  @Test
  void refusesTextThatGrowsWithoutEnd() {
    Words doubling = new Words(name -> "x".repeat(600_000), '\\');

    assertEquals(600_000, doubling.word("$a").length());
    assertTrue(assertThrows(DockerfileException.class, () -> doubling.word("$a$a")).getMessage().contains("more than 1048576 characters"));
    assertTrue(assertThrows(DockerfileException.class, () -> doubling.word("\"$a$a\"")).getMessage().contains("more than 1048576 characters"));
    assertTrue(assertThrows(DockerfileException.class, () -> doubling.word("${a//x/$a}")).getMessage().contains("characters"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"${a:-", "${a:-${a#", "${a/"})
  void refusesDeepNests(String opening) {
    String text = opening.repeat(20_000);

    assertThrows(DockerfileException.class, () -> words.word(text));
  }

  @Test
  void nestsAsDeepAsAnybodyWrites() {
    assertEquals("end", words.word("${N:-".repeat(20) + "end" + "}".repeat(20)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"${v##*a*a*a*a*a*a*a*a*a*a*a*b}", "${v%%b*a*a*a*a*a*a*a*a*a*a*a*}", "${v//*a*a*a*a*a*a*a*a*a*a*b/x}", "${v#*a*a*a*a*a*a*a*a*b}"})
  void patternsTakeBoundedTime(String text) {
    Words hostile = new Words(name -> "a".repeat(60_000), '\\');

    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          try {
            hostile.word(text);
          } catch (DockerfileException refused) {
            assertTrue(refused.getMessage().contains("take too long"), refused::getMessage);
          }
        });
  }
}
