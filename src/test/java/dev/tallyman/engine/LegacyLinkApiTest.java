package dev.tallyman.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tallyman.identity.Role;
import dev.tallyman.testing.FakeKernel;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;

/** Links on the default network, as dockerd 28 has them. */
@QuarkusTest
class LegacyLinkApiTest extends EngineTest {
  @Inject FakeKernel kernel;

  private String named(String name, String more) {
    EngineClient.Reply reply = engine.post("/containers/create?name=" + name, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"]" + more + "}");
    assertEquals(201, reply.status(), reply.text());
    return reply.json().get("Id").asText();
  }

  private String linked(String name, String link) {
    return named(name, ",\"HostConfig\":{\"Links\":[\"" + link + "\"]}");
  }

  private void remove(String... names) {
    for (String each : names) {
      engine.delete("/containers/" + each + "?force=1");
    }
  }

  private List<String> variables(String id, String prefix) {
    return kernel.specOf(id).env().stream().filter(each -> each.startsWith(prefix)).toList();
  }

  private String address(String id) {
    return engine.get("/containers/" + id + "/json").json().at("/NetworkSettings/Networks/bridge/IPAddress").asText();
  }

  @Test
  void givesVariablesOfTheOther() {
    String other = named("ll-db", ",\"Env\":[\"e1=\",\"e2=v=v\",\"HOME=/x\",\"PATH=/bin\",\"gone\"],\"ExposedPorts\":{\"81/tcp\":{},\"53/udp\":{},\"80/tcp\":{},\"90/tcp\":{}}");
    String own = named("ll-web", ",\"Env\":[\"MY_DB_PORT_90_TCP=mine\"],\"HostConfig\":{\"Links\":[\"/ll-db:/ll-web/my-db\"]}");
    start(other);
    start(own);
    String at = address(other);

    assertEquals(
        List.of(
            "MY_DB_PORT=tcp://" + at + ":80",
            "MY_DB_PORT_80_TCP=tcp://" + at + ":80", "MY_DB_PORT_80_TCP_ADDR=" + at, "MY_DB_PORT_80_TCP_PORT=80", "MY_DB_PORT_80_TCP_PROTO=tcp",
            "MY_DB_PORT_81_TCP=tcp://" + at + ":81", "MY_DB_PORT_81_TCP_ADDR=" + at, "MY_DB_PORT_81_TCP_PORT=81", "MY_DB_PORT_81_TCP_PROTO=tcp",
            "MY_DB_PORT_80_TCP_START=tcp://" + at + ":80", "MY_DB_PORT_80_TCP_PORT_START=80", "MY_DB_PORT_80_TCP_END=tcp://" + at + ":81", "MY_DB_PORT_80_TCP_PORT_END=81",
            "MY_DB_PORT_90_TCP=mine", "MY_DB_PORT_90_TCP_ADDR=" + at, "MY_DB_PORT_90_TCP_PORT=90", "MY_DB_PORT_90_TCP_PROTO=tcp",
            "MY_DB_PORT_53_UDP=udp://" + at + ":53", "MY_DB_PORT_53_UDP_ADDR=" + at, "MY_DB_PORT_53_UDP_PORT=53", "MY_DB_PORT_53_UDP_PROTO=udp",
            "MY_DB_NAME=/ll-web/my-db", "MY_DB_ENV_e1=", "MY_DB_ENV_e2=v=v"),
        variables(own, "MY_DB"));
    assertFalse(engine.get("/containers/" + own + "/json").json().at("/Config/Env").toString().contains("MY_DB_NAME"), "inspect shows what was asked for");
    remove(own, other);
  }

  @Test
  void isAFurtherName() {
    String other = named("ll-kept", "");
    String own = linked("ll-app", "ll-kept:store");

    assertEquals("[\"/ll-app/store\",\"/ll-kept\"]", names(other));
    assertEquals(other, engine.get("/containers/ll-app/store/json").json().get("Id").asText());
    assertEquals(404, engine.get("/containers/ll-app/nothing/json").status());
    assertEquals(404, engine.get("/containers/nobody/store/json").status());
    assertEquals(204, engine.post("/containers/ll-app/rename?name=ll-app2").status());
    assertEquals(other, engine.get("/containers/ll-app2/store/json").json().get("Id").asText());
    remove(own);
    assertEquals("[\"/ll-kept\"]", names(other));
    remove(other);
  }

  private String names(String id) {
    for (JsonNode each : engine.get("/containers/json?all=1").json()) {
      if (each.get("Id").asText().equals(id)) {
        return each.get("Names").toString();
      }
    }
    return "";
  }

  @Test
  void leadsToTheOwnerOfASharedNetwork() {
    String other = named("ll-owner", ",\"ExposedPorts\":{\"80/tcp\":{}}");
    start(other);
    String sharer = named("ll-sharer", ",\"HostConfig\":{\"NetworkMode\":\"container:ll-owner\"}");
    String own = linked("ll-asks", "ll-sharer:db");
    start(own);

    assertEquals(List.of("DB_PORT=tcp://" + address(other) + ":80"), variables(own, "DB_PORT="));
    assertTrue(kernel.specOf(own).hosts().contains(address(other) + "\tdb " + other.substring(0, 12) + " ll-owner\n"), kernel.specOf(own).hosts());
    remove(own, sharer, other);
  }

  @Test
  void refusesOneThatDoesNotRunAndTooManyVariables() {
    String other = named("ll-down", ",\"Env\":[\"BIG=" + "x".repeat(70_000) + "\"]");
    String own = linked("ll-start", "ll-down:db");

    assertEquals("Cannot link to a non running container: /ll-down AS /ll-start/db", engine.post("/containers/" + own + "/start").message());
    start(other);
    assertTrue(engine.post("/containers/" + own + "/start").message().startsWith("the variables of the links of /ll-start have more than "), "and says what helps");
    remove(other);
    start(own); // as with dockerd, the link went with it
    remove(own);
  }

  /** Somebody of another team, who has the image busybox there. */
  private EngineClient neighbour() throws IOException {
    EngineClient made = new EngineClient(Path.of(socket).toAbsolutePath(), accounts.tokenOf(accounts.stranger(Role.MEMBER)));
    assertEquals(200, made.send("POST", "/images/create?fromSrc=-&repo=busybox&tag=latest", "application/x-tar", tar()).status());
    return made;
  }

  private static String made(EngineClient by, String name) {
    EngineClient.Reply reply = by.post("/containers/create?name=" + name, "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"100\"],\"Env\":[\"SECRET=theirs\"]}");
    assertEquals(201, reply.status(), reply.text());
    return reply.json().get("Id").asText();
  }

  /** Nobody learns anything of the other by the link. */
  private void leadsNowhere(EngineClient by, String owner, String id) {
    assertEquals(404, by.get("/containers/" + owner + "/db/json").status());
    assertFalse(engine.get("/containers/json?all=1").text().contains("/" + owner + "/db"));
    assertEquals(204, by.post("/containers/" + owner + "/start").status(), "as with dockerd, the link went with it");
    assertEquals(List.of(), variables(id, "DB_"));
  }

  @Test
  void leadsToNoOtherTeamOnceItsOwnTargetIsGone() throws IOException {
    EngineClient neighbour = neighbour();
    String gone = named("ll-gone", "");
    String own = linked("ll-left", "ll-gone:db");
    String renamed = named("ll-before", "");
    String other = linked("ll-other", "ll-before:db");

    remove(gone);
    assertEquals(204, engine.post("/containers/" + renamed + "/rename?name=ll-after").status());
    List<String> theirs = List.of(made(neighbour, "ll-gone"), made(neighbour, "ll-before"));
    theirs.forEach(each -> assertEquals(204, neighbour.post("/containers/" + each + "/start").status()));

    leadsNowhere(engine, "ll-left", own);
    leadsNowhere(engine, "ll-other", other);
    remove(own, other, renamed);
    theirs.forEach(each -> neighbour.delete("/containers/" + each + "?force=1"));
  }

  @Test
  void takesANameOfHexForNoIdOfAnotherTeam() throws IOException {
    EngineClient neighbour = neighbour();
    String theirs = made(neighbour, "ll-theirs");
    assertEquals(204, neighbour.post("/containers/" + theirs + "/start").status());
    EngineClient member = new EngineClient(Path.of(socket).toAbsolutePath(), accounts.token(Role.MEMBER));

    for (String hex : List.of(theirs, theirs.substring(0, 10))) {
      String target = made(member, hex);
      EngineClient.Reply reply = member.post("/containers/create?name=ll-hex", "{\"Image\":\"busybox\",\"Cmd\":[\"sleep\",\"9\"],\"HostConfig\":{\"Links\":[\"" + hex + ":db\"]}}");
      assertEquals(201, reply.status(), reply.text());
      assertEquals(target, member.get("/containers/ll-hex/db/json").json().get("Id").asText());
      remove(target);
      leadsNowhere(member, "ll-hex", reply.json().get("Id").asText());
      remove("ll-hex");
    }
    EngineClient.Reply refused = engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{\"Links\":[\"" + theirs + ":db\"]}}");
    assertEquals("400 could not get container for " + theirs + ": No such container: " + theirs, refused.status() + " " + refused.message(), "404 would have the image pulled");
    neighbour.delete("/containers/" + theirs + "?force=1");
  }

  @Test
  void meansWhatAnIdBeganWithWhenItWasMade() {
    String target = named("ll-by-id", "");
    String start = target.substring(0, 12);
    String own = linked("ll-short", start + ":db");
    String whole = linked("ll-whole", target);

    assertEquals("[\"/ll-by-id:/ll-short/db\"]", engine.get("/containers/" + own + "/json").json().at("/HostConfig/Links").toString(), "a name, as dockerd shows it");
    assertEquals("[\"/ll-by-id:/ll-whole/" + target + "\"]", engine.get("/containers/" + whole + "/json").json().at("/HostConfig/Links").toString());
    assertEquals(target, engine.get("/containers/ll-short/db/json").json().get("Id").asText());

    remove(target, whole);
    String usurper = named(start, ",\"Env\":[\"SECRET=1\"]");
    start(usurper);
    leadsNowhere(engine, "ll-short", own);
    remove(own, usurper);
  }

  @Test
  void takesArchivesByAFurtherName() throws IOException {
    String other = named("ll-files", "");
    String own = linked("ll-packs", "ll-files:store");
    byte[] large = large();
    assertTrue(large.length > 2 << 20, "more than other bodies may have");

    for (String name : List.of("ll-packs/store", "ll-packs%2Fstore", "%6Cl-packs/store")) {
      assertEquals(200, engine.send("PUT", "/v1.51/containers/" + name + "/archive?path=/bin", "application/x-tar", large).status(), name);
      assertEquals(200, engine.send("GET", "/containers/" + name + "/archive?path=/bin/large", null).status(), name);
    }
    for (String name : List.of("ll-packs%2Fstore", "ll-packs%2fstore")) {
      EngineClient.Reply reply = engine.send("PUT", "/api/v1/containers/" + name + "/files/archive?path=/bin", "application/octet-stream", large);
      assertEquals(204, reply.status(), name + reply.text());
      assertEquals(204, engine.send("PUT", "/api/v1/containers/" + name + "/files/content?path=/bin/x", "application/octet-stream", large).status(), name);
    }
    remove(own, other);
  }

  @Test
  void holdsOtherBodiesToAMegabyteWhateverTheNameIs() {
    byte[] large = new byte[2 << 20];
    for (String path : List.of("POST /containers/a/archive/exec", "POST /containers/archive/update", "POST /api/v1/containers/a%2Ffiles%2Farchive/exec", "POST /api/v1/containers/files/exec", "PUT /api/v1/containers/a/b/files/archive")) {
      String[] words = path.split(" ");
      assertEquals(413, engine.send(words[0], words[1], "application/json", large).status(), path);
    }
  }

  private static byte[] large() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      TarArchiveEntry entry = new TarArchiveEntry("large");
      entry.setSize(3 << 20);
      tar.putArchiveEntry(entry);
      tar.write(new byte[3 << 20]);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  @Test
  void refusesTooManyLinks() {
    String many = String.join(",", Collections.nCopies(2001, "\"ll-none:db\""));
    EngineClient.Reply reply = engine.post("/containers/create", "{\"Image\":\"busybox\",\"HostConfig\":{\"Links\":[" + many + "]}}");

    assertEquals("400 a list of the container's options has more than 2000 entries", reply.status() + " " + reply.message());
  }

  @Test
  void runsCommandsWhateverBecomesOfTheTarget() {
    String small = named("ll-grows", ",\"Env\":[\"SIZE=small\"]");
    String kept = named("ll-stays", "");
    start(small);
    start(kept);
    String own = named("ll-runs", ",\"HostConfig\":{\"Links\":[\"ll-stays:kept\",\"ll-grows:db\"]}");
    start(own);
    remove(small);
    start(named("ll-grows", ",\"Env\":[\"BIG=" + "x".repeat(70_000) + "\"]"));

    String exec = engine.post("/containers/" + own + "/exec", "{\"Cmd\":[\"true\"]}").json().get("Id").asText();
    EngineClient.Reply reply = engine.post("/exec/" + exec + "/start", "{\"Detach\":true}");

    assertEquals(200, reply.status(), reply.text());
    Map<String, String> environment = kernel.environmentOf(own, exec);
    assertEquals("/ll-runs/kept", environment.get("KEPT_NAME"));
    assertTrue(environment.keySet().stream().noneMatch(each -> each.startsWith("DB_")), "what does not fit any more is left out as a whole");
    remove(own, "ll-grows", kept);
  }
}
