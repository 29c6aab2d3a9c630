package dev.tallyman.build.dockerfile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON form of arguments. What is no JSON, single quotes for example, is the other form: so Docker does, and a check warns of it. */
final class JsonWords {
  private static final int DEEPEST = 64;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build()).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private JsonWords() {}

  /** Null when the text is no JSON array; refuses an array that has anything but strings. */
  static @Nullable List<String> of(String text) {
    if (!text.startsWith("[")) {
      return null;
    }
    JsonNode array;
    try {
      array = MAPPER.readTree(text);
    } catch (JsonProcessingException otherForm) {
      return null;
    }
    List<String> words = new ArrayList<>();
    for (JsonNode each : array) {
      if (!each.isTextual()) {
        throw new DockerfileException("when using JSON array syntax, arrays must be comprised of strings only", text, "[\"word\", \"word\"]");
      }
      words.add(each.textValue());
    }
    return words;
  }
}
