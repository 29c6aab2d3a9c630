package dev.tallyman.dashboard;

import static io.restassured.RestAssured.given;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.util.HashMap;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jspecify.annotations.Nullable;

/** A reader of pages with one session, who sends forms as a browser does and keeps cookies from one request to the next. */
public final class Visitor {
  private final Map<String, String> cookies = new HashMap<>();
  private String language = "en";

  private Visitor() {}

  public static Visitor stranger() {
    return new Visitor();
  }

  public static Visitor with(String session) {
    Visitor visitor = new Visitor();
    visitor.cookies.put("tallyman_session", session);
    return visitor;
  }

  public Visitor reading(String acceptLanguage) {
    language = acceptLanguage;
    return this;
  }

  public Response get(String path) {
    return keep(request().get(path));
  }

  /** The page at a path, which must answer 200. */
  public Document page(String path) {
    Response answer = get(path);
    if (answer.statusCode() != 200) {
      throw new AssertionError(path + " answered " + answer.statusCode() + " " + answer.header("Location") + ": " + answer.asString());
    }
    return Jsoup.parse(answer.asString());
  }

  /** Sends a form with the token of this session. @param fields name, value, name, value … */
  public Response post(String path, String... fields) {
    return postRaw(path, token(), fields);
  }

  public Response postRaw(String path, @Nullable String token, String... fields) {
    RequestSpecification request = request().contentType("application/x-www-form-urlencoded; charset=UTF-8");
    if (token != null) {
      request.formParam("csrf", token);
    }
    for (int i = 0; i < fields.length; i += 2) {
      request.formParam(fields[i], fields[i + 1]);
    }
    return keep(request.post(path));
  }

  /** Sends a form and reads the page that its redirect leads to. */
  public Document postAndFollow(String path, String... fields) {
    Response answer = post(path, fields);
    if (answer.statusCode() != 303) {
      throw new AssertionError(path + " answered " + answer.statusCode() + ": " + answer.asString());
    }
    String location = answer.header("Location");
    return page(location.replaceFirst("^https?://[^/]+", ""));
  }

  public RequestSpecification request() {
    return given().cookies(cookies).header("Accept-Language", language).redirects().follow(false).urlEncodingEnabled(false);
  }

  public String token() {
    return page("/ui/tokens").selectFirst("input[name=csrf]").val();
  }

  private Response keep(Response answer) {
    answer.getCookies().forEach((name, value) -> {
      if (value.isEmpty()) {
        cookies.remove(name);
      } else {
        cookies.put(name, value);
      }
    });
    return answer;
  }
}
