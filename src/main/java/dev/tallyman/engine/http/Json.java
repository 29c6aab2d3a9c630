package dev.tallyman.engine.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import dev.tallyman.web.JsonFaults;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** JSON as the Engine API writes it: explicit about null, [] and {}. */
public final class Json {
  /** Exactly this: with a charset behind it the docker client prints raw JSON instead of the message. */
  public static final String TYPE = "application/json";

  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private static final ObjectReader READER = MAPPER.readerFor(JsonNode.class);
  private static final ObjectWriter WRITER = MAPPER.writer();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static ArrayNode texts(Collection<String> values) {
    ArrayNode array = array();
    values.forEach(array::add);
    return array;
  }

  /** A Go map: its names are in order. */
  public static ObjectNode texts(Map<String, String> values) {
    ObjectNode object = object();
    new TreeMap<>(values).forEach(object::put);
    return object;
  }

  /** A Go set: {@code {"80/tcp":{}}}, in order. */
  public static ObjectNode set(Collection<String> values) {
    ObjectNode object = object();
    new TreeSet<>(values).forEach(object::putObject);
    return object;
  }

  public static Buffer bytes(JsonNode node) {
    try {
      return Buffer.buffer(WRITER.writeValueAsBytes(node));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of plain values cannot be written", e);
    }
  }

  /** A request's body. @throws TallymanException INVALID in dockerd's words */
  public static JsonNode parse(byte[] bytes) {
    return parse(bytes, "invalid JSON", "unexpected EOF", "the request body");
  }

  /**
   * A parameter that is JSON.
   *
   * @param fault begins the message of the refusal
   */
  public static JsonNode parse(String text, String fault) {
    return parse(text.getBytes(StandardCharsets.UTF_8), fault, "unexpected end of JSON input", "the parameter");
  }

  private static JsonNode parse(byte[] bytes, String fault, String atEnd, String what) {
    try (JsonParser parser = READER.createParser(bytes)) {
      JsonNode node = READER.readTree(parser);
      requireEnd(parser);
      return node == null || node.isMissingNode() ? JsonNodeFactory.instance.nullNode() : node;
    } catch (JsonProcessingException e) {
      String syntax = e instanceof StreamConstraintsException ? null : JsonSyntax.fault(bytes, atEnd);
      throw new TallymanException(ErrorKind.INVALID, fault + ": " + (syntax == null ? JsonFaults.describe(e, what) : syntax), e);
    } catch (IOException e) {
      throw new IllegalStateException("reading from memory failed", e);
    }
  }

  /** What comes after a value is too much, be it JSON or not. */
  private static void requireEnd(JsonParser parser) throws IOException {
    try {
      if (parser.nextToken() == null) {
        return;
      }
    } catch (JsonProcessingException e) {
      throw new TallymanException(ErrorKind.INVALID, "unexpected content after JSON", e);
    }
    throw new TallymanException(ErrorKind.INVALID, "unexpected content after JSON");
  }
}
