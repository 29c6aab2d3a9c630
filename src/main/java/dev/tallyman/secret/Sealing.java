package dev.tallyman.secret;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** AES-256-GCM (NIST SP 800-38D). A sealed value is nonce, cipher text and tag; it opens only for the identity that it was sealed for. */
public final class Sealing {
  static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final SecureRandom RANDOM = new SecureRandom();

  private final SecretKeySpec key;
  private final String keyName;
  private final String kind;

  /** @param keyName of the key's file; @param kind what a value is; both for messages */
  Sealing(byte[] key, String keyName, String kind) {
    this.key = new SecretKeySpec(key, "AES");
    this.keyName = keyName;
    this.kind = kind;
  }

  static byte[] newKey() {
    byte[] key = new byte[KEY_BYTES];
    RANDOM.nextBytes(key);
    return key;
  }

  /** @param identity what the value belongs to, so that rows cannot be exchanged */
  public byte[] seal(String identity, byte[] value) {
    byte[] nonce = new byte[NONCE_BYTES];
    RANDOM.nextBytes(nonce);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, identity).doFinal(value);
      byte[] all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
      return all;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES/GCM", e);
    }
  }

  /** @throws TallymanException UNAVAILABLE if it was sealed with another key or for another identity, or is damaged */
  public byte[] open(String identity, byte[] sealed) {
    if (sealed.length >= NONCE_BYTES) {
      try {
        return cipher(Cipher.DECRYPT_MODE, Arrays.copyOf(sealed, NONCE_BYTES), identity).doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
      } catch (GeneralSecurityException e) {
        // Told below, without the cause: it says nothing that helps.
      }
    }
    throw new TallymanException(
        ErrorKind.UNAVAILABLE, "a " + kind + " cannot be decrypted: " + keyName + " is not the key that it was stored with, or its record is damaged; give it a new value");
  }

  private Cipher cipher(int mode, byte[] nonce, String identity) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(identity.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
