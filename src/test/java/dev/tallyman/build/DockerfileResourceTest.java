package dev.tallyman.build;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tallyman.dashboard.TinyImage;
import dev.tallyman.identity.Caller;
import dev.tallyman.identity.Role;
import dev.tallyman.identity.Way;
import dev.tallyman.image.Images;
import dev.tallyman.testing.TestAccounts;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DockerfileResourceTest {
  private static final String PATH = "/api/v1/dockerfiles/check";

  @Inject TestAccounts accounts;
  @Inject Images images;
  @Inject DockerfileChecks checks;

  private ValidatableResponse ask(String token, Map<String, ?> question) {
    return given().header("Authorization", "Bearer " + token).contentType(ContentType.JSON).body(question).post(PATH).then();
  }

  @Test
  void tellsStagesAndFindings() {
    ask(accounts.token(Role.VIEWER), Map.of("text", "FROM 127.0.0.1:1/none AS Build\nRUN make\nFROM scratch\nMAINTAINER x\nCOPY secret /\n", "ignored", "secret\n"))
        .statusCode(200).body("fault", nullValue()).body("stages", hasSize(2)).body("stages[0].name", equalTo("build")).body("stages[0].instructions", equalTo(1))
        .body("stages[1].line", equalTo(3)).body("warnings.rule", equalTo(List.of("StageNameCasing", "MaintainerDeprecated", "CopyIgnoredFile")))
        .body("warnings[0].url", containsString("stage-name-casing")).body("refusal", nullValue());
  }

  @Test
  void tellsWhereAFaultIs() {
    ask(accounts.token(Role.MEMBER), Map.of("text", "FROM a\nRUN ok\n  COYP a b\n", "name", "docker/Dockerfile.web")).statusCode(200)
        .body("fault.line", equalTo(3)).body("fault.column", equalTo(3)).body("fault.reason", equalTo("unknown instruction: COYP (did you mean COPY?)"))
        .body("fault.message", containsString("docker/Dockerfile.web:3:3")).body("stages", hasSize(0));
    ask(accounts.token(Role.MEMBER), Map.of("text", "")).statusCode(200).body("fault.reason", containsString("cannot be empty"));
    ask(accounts.token(Role.MEMBER), Map.of("text", "FROM a", "ignored", "[")).statusCode(200).body("fault.message", containsString(".dockerignore on line 1"));
  }

  @Test
  void saysWhenFindingsFailTheBuild() {
    ask(accounts.token(Role.MEMBER), Map.of("text", "# check=error=true\nFROM a\nCMD b\n")).statusCode(200)
        .body("refusal", equalTo("lint violation found for rules: JSONArgsRecommended"));
  }

  @Test
  void knowsTheVariablesOfTheCallersImagesOnly() {
    Caller member = accounts.caller(Role.MEMBER);
    String name = "d" + UUID.randomUUID().toString().substring(0, 8);
    TinyImage.make(images, member, name + ":1");
    Map<String, ?> question = Map.of("text", "FROM " + name + ":1\nCOPY $PAHT /\n");

    ask(accounts.tokenOf(member), question).statusCode(200).body("warnings.rule", hasItem("UndefinedVar"));
    Caller stranger = new Caller(member.account(), member.accountName(), Role.MEMBER, member.team() + 7_000, "strangers", Way.REST, null, member.origin());
    assertEquals(List.of(), checks.check(stranger, "Dockerfile", String.valueOf(question.get("text")), null, Map.of()).warnings());
  }

  @Test
  void buildArgumentsCount() {
    ask(accounts.token(Role.MEMBER), Map.of("text", "ARG TAG\nFROM a:${TAG}\nARG DIR\nWORKDIR $DIR\n", "buildArguments", Map.of("DIR", "/srv"))).statusCode(200)
        .body("warnings.rule", equalTo(List.of("InvalidDefaultArgInFrom")));
  }

  @Test
  void refusesNobodyAndWhatIsNoQuestion() {
    given().contentType(ContentType.JSON).body(Map.of("text", "FROM a")).post(PATH).then().statusCode(401);
    ask(accounts.token(Role.MEMBER), Map.of("name", "x")).statusCode(400).body("detail", containsString("'text' is missing"));
    ask(accounts.token(Role.MEMBER), Map.of("text", "FROM a", "surprise", 1)).statusCode(400);
    ask(accounts.token(Role.MEMBER), Map.of("text", "#".repeat(1 << 20))).statusCode(413);
  }
}
