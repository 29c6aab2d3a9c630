package dev.tallyman.secret;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The key of secrets and what is sealed with it. */
class KeyFileTest {
  private static final byte[] VALUE = "a value".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private Path file() {
    return folder.resolve(KeyFile.NAME);
  }

  private static void unusable(String why, org.junit.jupiter.api.function.Executable work) {
    TallymanException refused = assertThrows(TallymanException.class, work);
    assertEquals(ErrorKind.UNAVAILABLE, refused.kind());
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
  }

  @Test
  void isMadeOnceAndReadAgain() {
    byte[] sealed = new KeyFile(folder).sealing(true).seal("id", VALUE);

    assertArrayEquals(VALUE, new KeyFile(folder).sealing(false).open("id", sealed));
  }

  @Test
  void isNotReplacedWhenSecretsNeedIt() {
    unusable("is missing", () -> new KeyFile(folder).sealing(false));
    assertFalse(Files.exists(file()));
  }

  @Test
  void isRefusedWhenOthersReadIt() throws IOException {
    new KeyFile(folder).sealing(true);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));

    unusable("is open to others", () -> new KeyFile(folder).sealing(false));
  }

  @Test
  void isRefusedWhenDamagedOrALink() throws IOException {
    new KeyFile(folder).sealing(true);
    Path other = Files.move(file(), folder.resolve("other"));
    Files.createSymbolicLink(file(), other);
    unusable("is not a regular file", () -> new KeyFile(folder).sealing(true));

    Files.delete(file());
    Files.write(file(), new byte[31]);
    Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
    unusable("is damaged", () -> new KeyFile(folder).sealing(true));
  }

  @Test
  void opensNothingThatWasChangedExchangedOrSealedWithAnotherKey() {
    Sealing sealing = new Sealing(Sealing.newKey(), "any.key", "secret");
    byte[] sealed = sealing.seal("id 1", VALUE);

    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      unusable("cannot be decrypted", () -> sealing.open("id 1", changed));
    }
    unusable("cannot be decrypted", () -> sealing.open("id 2", sealed));
    unusable("cannot be decrypted", () -> sealing.open("id 1", Arrays.copyOf(sealed, 5)));
    unusable("cannot be decrypted", () -> new Sealing(Sealing.newKey(), "any.key", "secret").open("id 1", sealed));
    assertFalse(Arrays.equals(sealed, sealing.seal("id 1", VALUE)), "a nonce is used once");
  }
}
