package dev.tallyman.dashboard;

import dev.tallyman.web.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.lang.annotation.Annotation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/** Shows a failure as a page where the client is a browser on the dashboard; whoever is not logged in is led to the login. */
class ErrorPages {
  private final Answers answers;

  @Inject
  ErrorPages(Answers answers) {
    this.answers = answers;
  }

  @ServerResponseFilter
  void show(ContainerRequestContext request, ContainerResponseContext response, RoutingContext context) {
    if (!context.request().path().startsWith("/ui") || !(response.getEntity() instanceof Problem problem)) {
      return;
    }
    if (problem.status() == 401 && !context.request().path().equals("/ui/login")) {
      leadToLogin(request, response, context);
      return;
    }
    Problem told = answers.inWords(problem);
    String html = answers.page(answers.isPart() ? Templates.part(told) : Templates.page(told)).render();
    response.setEntity(html, new Annotation[0], MediaType.TEXT_HTML_TYPE.withCharset("UTF-8"));
  }

  private void leadToLogin(ContainerRequestContext request, ContainerResponseContext response, RoutingContext context) {
    boolean isPage = "GET".equals(request.getMethod()) && !answers.isPart();
    String login = isPage ? "/ui/login?next=" + URLEncoder.encode(Links.local(context.request().uri()), StandardCharsets.UTF_8) : "/ui/login";
    response.setEntity(null);
    response.getHeaders().remove(HttpHeaders.CONTENT_TYPE);
    response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
    if (answers.isPart()) {
      response.setStatus(200);
      response.getHeaders().putSingle("HX-Redirect", login);
    } else {
      response.setStatus(303);
      response.getHeaders().putSingle(HttpHeaders.LOCATION, login);
    }
  }

  @CheckedTemplate(basePath = "error")
  static class Templates {
    static native TemplateInstance page(Problem problem);

    static native TemplateInstance part(Problem problem);
  }
}
