package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.smartedit.editor.options.Guidance;
import java.util.ArrayList;
import java.util.List;

/**
 * What does not change from step to step while the same slots share UNet calls: their rows' image
 * latents, features and text readings.
 */
record Batch(
    NDManager manager,
    UNetPrograms programs,
    List<Share> shares,
    NDArray images,
    NDArray feature,
    NDList readings)
    implements AutoCloseable {

  /** A slot and its rows. */
  record Share(Slot slot, List<Guidance.Row> rows) {
    static List<Share> of(List<Slot> slots) {
      return slots.stream().map(slot -> new Share(slot, slot.rows())).toList();
    }
  }

  /**
   * @param manager closed with the batch
   * @param shares at least one; all with the same adapters
   */
  static Batch of(NDManager manager, List<Share> shares) {
    AdaptedUNet unet = shares.get(0).slot().use.unet();
    NDList nothing = unet.nothing();
    NDList images = new NDList();
    NDList features = new NDList();
    List<NDList> readings = new ArrayList<>();
    for (Share share : shares) {
      Slot slot = share.slot();
      if (!slot.use.unet().adapters().equals(unet.adapters())) {
        throw new IllegalArgumentException(
            "edits with the adapters " + unet + " and " + slot.use.unet() + " share no UNet call");
      }
      for (Guidance.Row row : share.rows()) {
        Guidance.Shown shown = row.shown();
        images.add(shown == Guidance.Shown.NOTHING ? slot.noImage() : slot.imageLatents);
        features.add(slot.feature);
        readings.add(shown == Guidance.Shown.INSTRUCTION_AND_IMAGE ? slot.readings : nothing);
      }
    }
    NDList columns = new NDList();
    for (int i = 0; i < nothing.size(); i++) {
      int column = i;
      columns.add(joined(manager, readings.stream().map(each -> each.get(column)).toList()));
    }
    return new Batch(
        manager,
        unet.programs(),
        shares,
        joined(manager, images),
        joined(manager, features),
        columns);
  }

  /** UNet rows in all. */
  int rows() {
    return shares.stream().mapToInt(share -> share.rows().size()).sum();
  }

  private static NDArray joined(NDManager manager, List<NDArray> rows) {
    if (rows.size() == 1) {
      return rows.get(0);
    }
    NDArray joined = NDArrays.concat(new NDList(rows));
    NDScope.unregister(joined); // it outlives the step
    joined.attach(manager);
    return joined;
  }

  @Override
  public void close() {
    manager.close();
  }

  @Override
  public String toString() {
    return "Batch of " + rows() + " rows";
  }
}
