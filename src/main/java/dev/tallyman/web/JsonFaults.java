package dev.tallyman.web;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a JSON body in the client's words, without names of our classes. */
public final class JsonFaults {
  private JsonFaults() {}

  public static @Nullable JacksonException find(@Nullable Throwable failure) {
    Throwable at = failure;
    for (int depth = 0; at != null && depth < 10; depth++, at = at.getCause()) {
      if (at instanceof JacksonException json) {
        return json;
      }
    }
    return null;
  }

  public static String describe(JacksonException failure) {
    return describe(failure, "the request body");
  }

  /** @param what was to be JSON, e.g. "the parameter" */
  public static String describe(JacksonException failure, String what) {
    if (failure instanceof UnrecognizedPropertyException unknown) {
      return "the field '" + path(unknown) + "' is not known here";
    }
    if (failure instanceof MismatchedInputException mismatch && !mismatch.getPath().isEmpty()) {
      return "the field '" + path(mismatch) + "' has a value of the wrong kind";
    }
    if (failure instanceof MismatchedInputException) {
      return what + " is empty or not of the kind that is needed: send a JSON object";
    }
    if (failure instanceof StreamConstraintsException) {
      return what + " is nested too deeply or has a text or number that is too long" + place(failure);
    }
    return what + " is not valid JSON" + place(failure);
  }

  private static String path(JsonMappingException failure) {
    return failure.getPath().stream()
        .map(step -> step.getFieldName() != null ? step.getFieldName() : String.valueOf(step.getIndex()))
        .collect(Collectors.joining("."));
  }

  private static String place(JacksonException failure) {
    JsonLocation location = failure.getLocation();
    return location == null || location.getLineNr() < 1 ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }
}
