package dev.tallyman.web;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.tallyman.error.RetryLaterException;
import dev.tallyman.error.TallymanException;
import dev.tallyman.identity.Way;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns every failure of a REST resource into problem+json. Pages bring more specific mappers of their own (in their resource classes). */
class ProblemMappers {
  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  @ServerExceptionMapper
  Response known(TallymanException failure, RoutingContext context) {
    if (Statuses.of(failure) == 500) {
      LOG.errorf(failure, "%s %s failed", context.request().method(), context.request().path());
    }
    Response.ResponseBuilder answer = problem(Statuses.of(failure), String.valueOf(failure.getMessage()), context);
    if (failure instanceof RetryLaterException later) {
      answer.header(HttpHeaders.RETRY_AFTER, later.seconds());
    }
    return answer.build();
  }

  @ServerExceptionMapper
  Response refusedByFramework(WebApplicationException failure, RoutingContext context) {
    JacksonException json = JsonFaults.find(failure);
    if (json != null) {
      return problem(400, JsonFaults.describe(json), context).build();
    }
    int status = failure.getResponse().getStatus();
    if (status < 400) {
      return failure.getResponse();
    }
    if (status >= 500) {
      return unexpected(failure, context);
    }
    Response.ResponseBuilder answer = problem(status, FrameworkRefusals.describe(status, context.request().method().name(), context.request().path()), context);
    if (failure instanceof NotAllowedException) {
      String allowed = failure.getResponse().getHeaderString(HttpHeaders.ALLOW);
      if (allowed != null) {
        answer.header(HttpHeaders.ALLOW, allowed);
      }
    }
    return answer.build();
  }

  @ServerExceptionMapper
  Response mismatched(MismatchedInputException failure, RoutingContext context) {
    return problem(400, JsonFaults.describe(failure), context).build();
  }

  @ServerExceptionMapper
  Response malformed(JacksonException failure, RoutingContext context) {
    return problem(400, JsonFaults.describe(failure), context).build();
  }

  /** The client learns nothing of the inside; the log line carries the cause. */
  @ServerExceptionMapper
  Response unexpected(Throwable failure, RoutingContext context) {
    TallymanException known = Failures.known(failure);
    if (known != null) {
      return known(known, context);
    }
    if (Failures.isBrokenOff(failure, context.response())) {
      // The client left, or the platform has answered already (a body over the limit); nobody reads this answer.
      LOG.debugf(failure, "%s %s was broken off", context.request().method(), context.request().path());
      return Response.status(400).build();
    }
    LOG.errorf(failure, "%s %s failed", context.request().method(), context.request().path());
    return problem(500, Failures.UNEXPECTED, context).build();
  }

  private static Response.ResponseBuilder problem(int status, String detail, RoutingContext context) {
    String path = context.request().path();
    if (Doors.wayOf(path) == Way.DOCKER) {
      return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(Map.of("message", detail));
    }
    Response.ResponseBuilder answer = Response.status(status).type(Problem.MEDIA_TYPE).entity(Problem.of(status, detail, path));
    return status == 401 ? answer.header(HttpHeaders.WWW_AUTHENTICATE, Refusals.CHALLENGE) : answer;
  }
}
