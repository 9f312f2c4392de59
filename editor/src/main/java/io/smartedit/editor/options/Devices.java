package io.smartedit.editor.options;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The devices that this process's libtorch can compute on. Thread-safe. */
final class Devices {

  private static final Pattern NAME = Pattern.compile("cpu|gpu\\d{1,3}");
  private static final String WANTED =
      "wanted is a libtorch 2.7.1 of flavor cpu or cu128, as PYTORCH_LIBRARY_PATH,"
          + " PYTORCH_VERSION and PYTORCH_FLAVOR name it (docs/models.md)";

  /** How libtorch says that it was built without CUDA, in many words. */
  private static final String NO_CUDA = "'CUDA' backend";

  private static final Set<Device> TRIED = ConcurrentHashMap.newKeySet();

  private Devices() {}

  /**
   * A device by its name, tried once.
   *
   * @throws BadRequestException where there is none, or libtorch does not fit; it says why
   */
  static Device named(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new BadRequestException("device is '" + name + "', must be cpu, gpu0, gpu1 and so on");
    }
    // Device.fromName would load libtorch, and fail in DJL's words.
    Device device =
        name.equals("cpu") ? Device.cpu() : Device.gpu(Integer.parseInt(name.substring(3)));
    if (!TRIED.contains(device)) {
      attempt(name, device);
      TRIED.add(device);
    }
    return device;
  }

  private static void attempt(String name, Device device) {
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      manager.zeros(new Shape(1)).close();
    } catch (EngineException | LinkageError e) {
      throw new BadRequestException(
          "libtorch does not load: %s; %s".formatted(reason(e), WANTED), e);
    }
    try (NDManager manager = NDManager.newBaseManager(device, "PyTorch")) {
      manager.zeros(new Shape(1)).close();
    } catch (EngineException | LinkageError e) {
      throw new BadRequestException(
          "%s cannot be used: %s; %s".formatted(name, reason(e), WANTED), e);
    }
  }

  /** The first line of the first cause. */
  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    return message.contains(NO_CUDA)
        ? "this libtorch was built without CUDA"
        : message.lines().findFirst().orElse("");
  }
}
