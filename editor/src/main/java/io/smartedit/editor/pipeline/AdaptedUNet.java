package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.options.Adapters;

/**
 * The UNet with one choice of adapters.
 *
 * @param manager owns what the choice needs beside the UNet
 * @param nothing what the transformers read of the empty prompt
 */
record AdaptedUNet(Adapters adapters, NDManager manager, UNetPrograms programs, NDList nothing) {

  @Override
  public String toString() {
    return "AdaptedUNet(" + adapters + ")";
  }
}
