package dev.tallyman.image;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives for tests, good ones and bad ones, made by a library that is not the code under test. */
final class Archives {
  private Archives() {}

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] tar(Map<String, byte[]> files) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8")) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey(), true);
        entry.setSize(file.getValue().length);
        entry.setModTime(0L);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A root file system with one file whose content makes the layer unique. */
  static byte[] layer(String content) {
    return tar(Map.of("etc/motd", bytes(content)));
  }

  static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static byte[] bzip2(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (BZip2CompressorOutputStream out = new BZip2CompressorOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  static byte[] xz(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (XZOutputStream out = new XZOutputStream(packed, new LZMA2Options())) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  static byte[] zstd(byte[] plain) {
    return Zstd.compress(plain);
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      bytes.writeBytes(part);
    }
    return bytes.toByteArray();
  }

  static byte[] config(byte[]... layers) {
    String diffIds = List.of(layers).stream().map(each -> '"' + Digest.of(each).toString() + '"').collect(Collectors.joining(","));
    return bytes(
        "{\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"sh\"],\"Env\":[\"A=1\"],\"Labels\":{\"made\":\"here\"}},\"created\":\"2024-05-01T10:00:00.123456789Z\",\"os\":\"linux\","
            + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}");
  }

  /** What docker save wrote before version 25. */
  static Map<String, byte[]> legacy(String tag, byte[] config, byte[]... layers) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    StringBuilder names = new StringBuilder();
    for (int i = 0; i < layers.length; i++) {
      files.put("layer" + i + "/layer.tar", layers[i]);
      names.append(i == 0 ? "" : ",").append("\"layer").append(i).append("/layer.tar\"");
    }
    String name = Digest.of(config).hex() + ".json";
    files.put(name, config);
    files.put("manifest.json", bytes("[{\"Config\":\"" + name + "\",\"RepoTags\":" + (tag == null ? "null" : "[\"" + tag + "\"]") + ",\"Layers\":[" + names + "]}]"));
    return files;
  }

  /** An OCI layout without manifest.json, as other tools write. @param blobs as stored, which may be compressed */
  static Map<String, byte[]> layout(String name, byte[] config, byte[]... blobs) {
    return layout(name == null ? "" : "{\"io.containerd.image.name\":\"" + name + "\"}", List.of(blobs), config);
  }

  /** @param annotations JSON object on the manifest's descriptor; empty = none */
  static Map<String, byte[]> layout(String annotations, List<byte[]> blobs, byte[] config) {
    Map<String, byte[]> files = new LinkedHashMap<>();
    StringBuilder layers = new StringBuilder();
    for (byte[] blob : blobs) {
      files.put("blobs/sha256/" + Digest.of(blob).hex(), blob);
      layers.append(layers.length() == 0 ? "" : ",").append(descriptor(blob));
    }
    files.put("blobs/sha256/" + Digest.of(config).hex(), config);
    byte[] manifest = bytes("{\"schemaVersion\":2,\"config\":" + descriptor(config) + ",\"layers\":[" + layers + "]}");
    files.put("blobs/sha256/" + Digest.of(manifest).hex(), manifest);
    String field = annotations.isEmpty() ? "" : ",\"annotations\":" + annotations;
    files.put("index.json", bytes("{\"schemaVersion\":2,\"manifests\":[" + descriptor(manifest).replaceFirst("}$", field + "}") + "]}"));
    files.put("oci-layout", bytes("{\"imageLayoutVersion\":\"1.0.0\"}"));
    return files;
  }

  static String descriptor(byte[] content) {
    return "{\"mediaType\":\"x\",\"digest\":\"" + Digest.of(content) + "\",\"size\":" + content.length + "}";
  }
}
