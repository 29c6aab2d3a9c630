package dev.tallyman.device;

import dev.tallyman.device.CdiSpec.Part;
import dev.tallyman.error.ErrorKind;
import dev.tallyman.error.TallymanException;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The devices that the host's descriptions name. Read anew for each question: drivers come and go, and few containers ask. */
@Singleton
public class DeviceCatalog {
  private static final int MAX_FILES = 200;
  private static final long MAX_BYTES = 1 << 20;
  private static final int MAX_REQUESTED = 64;
  private static final String PREFERRED_GPUS = "nvidia.com/gpu";

  private final DeviceConfig config;

  @Inject
  DeviceCatalog(DeviceConfig config) {
    this.config = config;
  }

  /** Every description that could be read, and what is wrong with the others. */
  private record Read(Map<String, Entry> devices, List<String> faults) {}

  /** @param isAmbiguous two descriptions of one folder have it */
  private record Entry(Part own, Part common, Path folder, boolean isAmbiguous) {}

  /** Where descriptions may lie, whether the folders are there or not. */
  public List<String> folders() {
    return config.folders().stream().map(Path::toString).toList();
  }

  /** Whole names, sorted: {@code vendor.com/class=name}. */
  public Set<String> names() {
    return new TreeSet<>(read().devices.keySet());
  }

  /** @throws TallymanException INVALID for a device that is not there, or one that needs what this server does not do */
  public DeviceEdits edits(List<DeviceRequest> requests) {
    if (requests.isEmpty()) {
      return DeviceEdits.none();
    }
    Read known = read();
    Set<String> wanted = new LinkedHashSet<>();
    requests.forEach(each -> wanted.addAll(wanted(each, known)));
    if (wanted.size() > MAX_REQUESTED) {
      throw new TallymanException(ErrorKind.INVALID, "a container may have " + MAX_REQUESTED + " devices");
    }
    List<String> absent = wanted.stream().filter(each -> !known.devices.containsKey(each)).toList();
    if (!absent.isEmpty()) {
      String faults = known.faults.isEmpty() ? "" : "; not readable: " + String.join("; ", known.faults);
      throw new TallymanException(ErrorKind.INVALID, "CDI device injection failed: unresolvable CDI devices " + String.join(", ", absent) + "; descriptions are looked for in " + folders() + faults);
    }
    DeviceEdits all = DeviceEdits.none();
    for (String each : wanted) {
      Entry entry = known.devices.get(each);
      if (entry.isAmbiguous) {
        throw new TallymanException(ErrorKind.INVALID, "CDI device injection failed: " + each + " is described twice in " + entry.folder);
      }
      all = all.and(usable(each, entry.common)).and(usable(each, entry.own));
    }
    return all;
  }

  private DeviceEdits usable(String name, Part part) {
    if (!part.unsupported().isEmpty()) {
      throw new TallymanException(ErrorKind.UNSUPPORTED, "CDI device " + name + " needs what this server does not do: " + String.join(", ", part.unsupported()));
    }
    if (!part.hooks().isEmpty() && config.hooks() == DeviceConfig.Hooks.REFUSE) {
      throw new TallymanException(
          ErrorKind.UNSUPPORTED,
          "CDI device " + name + " wants programs of the host to be run (" + String.join(", ", new LinkedHashSet<>(part.hooks()))
              + "), which this server never does; tallyman.cdi.hooks=skip starts containers without them");
    }
    return part.edits();
  }

  private List<String> wanted(DeviceRequest request, Read known) {
    if (request.driver().equals("cdi")) {
      if (request.ids().isEmpty() || request.count() != 0) {
        throw new TallymanException(ErrorKind.INVALID, "a device request of driver cdi names its devices, and no count");
      }
      return request.ids();
    }
    List<String> kinds = known.devices.keySet().stream().map(each -> each.substring(0, each.indexOf('='))).filter(request::isForGpusOf).distinct().sorted().toList();
    if (kinds.isEmpty()) {
      throw new TallymanException(
          ErrorKind.INVALID,
          "could not select device driver \"" + request.driver() + "\" with capabilities: " + request.capabilities().toString().replace(", ", ",") + "; GPUs are given by descriptions in " + folders()
              + ", single devices with --device");
    }
    String kind = kinds.contains(PREFERRED_GPUS) ? PREFERRED_GPUS : kinds.get(0);
    if (!request.ids().isEmpty()) {
      return request.ids().stream().map(each -> each.contains("=") ? each : kind + "=" + each).toList();
    }
    return request.count() == -1 ? List.of(kind + "=all") : IntStream.range(0, Math.min(Math.max(1, request.count()), MAX_REQUESTED + 1)).mapToObj(each -> kind + "=" + each).toList();
  }

  private Read read() {
    Map<String, Entry> devices = new HashMap<>();
    List<String> faults = new ArrayList<>();
    for (Path folder : config.folders()) {
      Map<String, Entry> here = new LinkedHashMap<>();
      for (Path file : files(folder, faults)) {
        try {
          add(here, CdiSpec.parse(bytes(file)), folder);
        } catch (IOException | IllegalArgumentException e) {
          String why = String.valueOf(e.getMessage());
          faults.add(file + ": " + why.lines().findFirst().orElse(why));
        }
      }
      devices.putAll(here);
    }
    return new Read(devices, faults);
  }

  private static void add(Map<String, Entry> here, CdiSpec spec, Path folder) {
    spec.devices().forEach((name, own) -> here.merge(spec.kind() + "=" + name, new Entry(own, spec.common(), folder, false), (first, second) -> new Entry(own, spec.common(), folder, true)));
  }

  private static byte[] bytes(Path file) throws IOException {
    if (Files.size(file) > MAX_BYTES) {
      throw new IOException("longer than " + MAX_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }

  private static List<Path> files(Path folder, List<String> faults) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(each -> each.toString().matches(".*\\.(json|yaml|yml)") && Files.isRegularFile(each)).sorted().limit(MAX_FILES).toList();
    } catch (IOException e) {
      faults.add(folder + ": " + e.getMessage());
      return List.of();
    }
  }
}
