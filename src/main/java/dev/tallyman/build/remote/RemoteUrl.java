package dev.tallyman.build.remote;

import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An http or https address as somebody wrote it, taken apart.
 *
 * @param address without credentials and fragment: what may be shown, kept, and asked
 * @param authorization for a header, only for this very scheme, host and port; absent when none were written
 */
public record RemoteUrl(URI address, @Nullable String authorization) {
  private static final Pattern HTTP = Pattern.compile("(?is)https?://.*");
  private static final int LONGEST = 8192;

  public static boolean is(String text) {
    return HTTP.matcher(text).matches();
  }

  /** @throws TallymanException INVALID; the message has nothing of the text, which may hold a password */
  public static RemoteUrl parse(String text) {
    try {
      URI written = new URI(text.length() > LONGEST ? "" : text);
      if (!is(text) || written.getHost() == null || written.getPort() == 0 || written.getPort() > 65535) {
        throw invalid(null);
      }
      String user = written.getRawUserInfo();
      String path = written.getRawPath() == null || written.getRawPath().isEmpty() ? "/" : written.getRawPath();
      String query = written.getRawQuery() == null ? "" : "?" + written.getRawQuery();
      String port = written.getPort() < 0 ? "" : ":" + written.getPort();
      URI bare = new URI(written.getScheme().toLowerCase(Locale.ROOT) + "://" + written.getHost().toLowerCase(Locale.ROOT) + port + path + query);
      return new RemoteUrl(bare, user == null || user.isEmpty() ? null : basic(user));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw invalid(e);
    }
  }

  private static TallymanException invalid(@Nullable Exception cause) {
    return new TallymanException(ErrorKind.INVALID, "an address of a source is not valid: it must be http://host/path or https://host/path, with special characters as %XX", cause);
  }

  private static String basic(String user) {
    String name = user.contains(":") ? user : user + ":";
    // A plus is a plus here, unlike in forms.
    String plain = URLDecoder.decode(name.replace("+", "%2B"), StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  /** True for the same scheme, host and port: what may get the credentials. */
  boolean isAt(URI other) {
    return address.getScheme().equalsIgnoreCase(other.getScheme()) && address.getHost().equalsIgnoreCase(other.getHost()) && port(address) == port(other);
  }

  static int port(URI address) {
    return address.getPort() > 0 ? address.getPort() : "https".equalsIgnoreCase(address.getScheme()) ? 443 : 80;
  }

  /** The last part of the path, decoded; empty when there is none that could be a file's name. */
  public String fileName() {
    String path = address.getPath() == null ? "" : address.getPath().replaceAll("/+$", "");
    return fileName(path);
  }

  /** @return empty for what is no name of a file in a directory */
  public static String fileName(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    boolean isName = !name.isEmpty() && !name.equals(".") && !name.equals("..") && name.length() <= 255 && name.chars().noneMatch(each -> each < ' ' || each == 0x7f);
    return isName ? name : "";
  }

  /** Without credentials. */
  @Override
  public String toString() {
    return address.toString();
  }
}
