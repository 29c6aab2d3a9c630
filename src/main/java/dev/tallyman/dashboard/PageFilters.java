package dev.tallyman.dashboard;

import dev.tallyman.web.Callers;
import dev.tallyman.web.FormToken;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jboss.resteasy.reactive.server.WithFormRead;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;
import org.jspecify.annotations.Nullable;

/** What every page has in common before and after its own work. */
class PageFilters {
  /** Header in which our scripts send the form token when the body is no form. */
  static final String TOKEN_HEADER = "X-Form-Token";

  @Page
  @WithFormRead
  @ServerRequestFilter
  void checkFormToken(ResteasyReactiveContainerRequestContext request, RoutingContext context) {
    if (!"POST".equals(request.getMethod()) || Callers.of(context).isEmpty()) {
      return;
    }
    String header = request.getHeaderString(TOKEN_HEADER);
    FormToken.check(context, header != null ? header : field((ResteasyReactiveRequestContext) request.getServerRequestContext()));
  }

  @ServerResponseFilter
  void keepOutOfCaches(ContainerResponseContext response, RoutingContext context) {
    if (context.request().path().startsWith("/ui")) {
      response.getHeaders().putSingle("Cache-Control", "no-store");
    }
  }

  private static @Nullable String field(ResteasyReactiveRequestContext request) {
    return request.getFormParameter(FormToken.FIELD, true, false) instanceof String text ? text : null;
  }
}
