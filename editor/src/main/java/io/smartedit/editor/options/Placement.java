package io.smartedit.editor.options;

import ai.djl.Device;
import io.smartedit.editor.nn.Precision;

/** Where a part's weights lie and in which number format. */
public record Placement(Device device, Precision precision) {

  /** Single precision on the processor. */
  public static final Placement CPU = new Placement(Device.cpu(), Precision.FP32);

  /**
   * @param device {@code cpu}, or {@code gpu0}, {@code gpu1} and so on
   * @throws BadRequestException where this process cannot compute on it; it says why
   */
  public static Placement named(String device, PrecisionChoice precision) {
    Device named = Devices.named(device);
    return new Placement(named, precision.on(named));
  }
}
