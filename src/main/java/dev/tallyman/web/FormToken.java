package dev.tallyman.web;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** A hidden form field that a foreign page cannot know: derived from the session's secret, so nothing has to be stored. */
public final class FormToken {
  /** Name of the form field. */
  public static final String FIELD = "csrf";

  private FormToken() {}

  /** For the current session; the empty text without one. */
  public static String of(RoutingContext context) {
    return SessionCookie.read(context).map(FormToken::derive).orElse("");
  }

  /** @throws TallymanException DENIED when the field is not this session's */
  public static void check(RoutingContext context, @Nullable String field) {
    byte[] expected = of(context).getBytes(StandardCharsets.UTF_8);
    if (field == null || expected.length == 0 || !MessageDigest.isEqual(expected, field.getBytes(StandardCharsets.UTF_8))) {
      throw new TallymanException(ErrorKind.DENIED, "this form is out of date or was not sent from this site: load the page again and repeat");
    }
  }

  private static String derive(String session) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(("tallyman form " + session).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
