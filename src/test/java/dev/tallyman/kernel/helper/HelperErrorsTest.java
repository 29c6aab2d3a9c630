package dev.tallyman.kernel.helper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.kernel.CommandNotRunException;
import dev.tallyman.kernel.KernelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelperErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PROTOCOL    | INTERNAL       | the helper did not accept the request: x; helper and server are of different versions",
        "PRIVILEGE   | UNAVAILABLE    | the helper cannot work: x",
        "POLICY_FILE | UNAVAILABLE    | the policy file is not trusted: x",
        "DENIED      | DENIED         | the policy of this host forbids it: x",
        "ABSENT      | NOT_FOUND      | no such container",
        "EXISTS      | ALREADY_EXISTS | x",
        "BUSY        | CONFLICT       | x",
        "INVALID     | INVALID        | invalid value: x",
        "EXHAUSTED   | EXHAUSTED      | the host has no room left: x",
        "COMMAND     | INVALID        | x",
        "KERNEL      | INTERNAL       | the kernel refused a step: mount overlay: No space left on device",
        "ARCHIVE     | INVALID        | the archive is damaged or not allowed: x",
      })
  void givesEveryRefusalItsKindAndText(Status status, ErrorKind kind, String message) {
    PacketWriter writer = new PacketWriter(Verb.CONTAINER_START, status.number());
    Reply reply = (status == Status.KERNEL ? writer.text(Tag.STEP, "mount overlay").number(Tag.ERRNO, 28) : writer.text(Tag.TEXT, "x")).reply(Verb.CONTAINER_START);

    KernelException e = assertThrows(KernelException.class, () -> HelperErrors.check(Verb.CONTAINER_START, reply));

    assertEquals(kind, e.kind());
    assertEquals(message, e.getMessage());
  }

  @Test
  void saysWhatTheHelperSaysWhereNoCallFailed() {
    Reply reply = new PacketWriter(Verb.CONTAINER_START, Status.KERNEL.number()).text(Tag.TEXT, "init ended without a word (signal 9)").reply(Verb.CONTAINER_START);

    KernelException e = assertThrows(KernelException.class, () -> HelperErrors.check(Verb.CONTAINER_START, reply));

    assertEquals("init ended without a word (signal 9)", e.getMessage());
  }

  @Test
  void hasAnAnswerForEveryStatusWithoutText() {
    for (Status each : Status.values()) {
      for (Verb verb : Verb.values()) {
        Reply reply = new PacketWriter(verb, each.number()).reply(verb);
        if (each == Status.OK) {
          assertSame(reply, HelperErrors.check(verb, reply));
        } else {
          assertNotNull(HelperErrors.exception(verb, reply).getMessage());
        }
      }
    }
  }

  @Test
  void keepsTheExitCodeOfACommandThatCouldNotRun() {
    Reply reply = new PacketWriter(Verb.CONTAINER_EXEC, Status.COMMAND.number()).number(Tag.NUMBER, 127).text(Tag.TEXT, "exec: \"nope\": executable file not found in $PATH").reply(Verb.CONTAINER_EXEC);

    CommandNotRunException e = assertInstanceOf(CommandNotRunException.class, HelperErrors.exception(Verb.CONTAINER_EXEC, reply));

    assertEquals(127, e.exitCode());
    assertEquals("exec: \"nope\": executable file not found in $PATH", e.getMessage());
  }
}
