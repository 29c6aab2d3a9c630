package dev.tallyman.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * JSON of foreign origin: UTF-8 only, no duplicate keys, no trailing text, bounded depth. Two readers that disagree about a document are
 * how one thing is checked and another is run.
 */
public final class StrictJson {
  /** Image documents nest about six deep; health checks and annotations add none. */
  private static final int DEEPEST = 32;
  private static final int LONGEST_NUMBER = 40;

  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).maxNumberLength(LONGEST_NUMBER).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private StrictJson() {}

  /** @param what name of the document in messages */
  static JsonNode parse(byte[] bytes, String what) {
    return parse(decode(bytes, what), what);
  }

  static JsonNode parse(String text, String what) {
    try {
      return MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw new TallymanException(ErrorKind.INVALID, "invalid image: " + what + " is not valid JSON: " + Texts.shortened(e.getOriginalMessage()), e);
    }
  }

  public static JsonNode parseObject(byte[] bytes, String what) {
    JsonNode node = parse(bytes, what);
    if (!node.isObject()) {
      throw new TallymanException(ErrorKind.INVALID, "invalid image: " + what + " is not a JSON object");
    }
    return node;
  }

  static String decode(byte[] bytes, String what) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TallymanException(ErrorKind.INVALID, "invalid image: " + what + " is not UTF-8", e);
    }
  }

  /** Keeps the order of fields, so equal trees give equal bytes. */
  public static byte[] write(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree can always be written", e);
    }
  }

  static ObjectMapper mapper() {
    return MAPPER;
  }
}
