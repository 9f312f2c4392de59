package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.options.Adapters;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The UNet with every choice of adapters that edits use now, and with a few that the last ones
 * used. Its own weights are there once. Used from one thread.
 */
final class AdaptedUNets implements AutoCloseable {

  /** Choices kept though nobody uses them. */
  private static final int IDLE = 4;

  private final LatentDiffusion nets;
  private final NDArray nullText;
  private final AdaptedUNet plain;
  private final Map<Adapters, AdaptedUNet> idle = new LinkedHashMap<>(); // longest first
  private final Map<Adapters, Used> used = new HashMap<>();

  private record Used(AdaptedUNet unet, int edits) {}

  /**
   * @param nullText states of the empty prompt
   */
  AdaptedUNets(LatentDiffusion nets, NDArray nullText) {
    this.nets = nets;
    this.nullText = nullText;
    this.plain = read(nets.newManager(), Adapters.NONE, nets.plain());
  }

  /** The UNet with these adapters; to be given back. */
  AdaptedUNet take(Adapters adapters) {
    if (adapters.isEmpty()) {
      return plain;
    }
    Used before = used.get(adapters);
    AdaptedUNet kept = before == null ? idle.remove(adapters) : before.unet();
    AdaptedUNet unet = kept == null ? adapted(adapters) : kept;
    used.put(adapters, new Used(unet, before == null ? 1 : before.edits() + 1));
    return unet;
  }

  /** One edit fewer uses it. */
  void giveBack(AdaptedUNet unet) {
    Used before = used.remove(unet.adapters());
    if (before == null) { // the UNet as it is
      return;
    }
    if (before.edits() > 1) {
      used.put(unet.adapters(), new Used(unet, before.edits() - 1));
      return;
    }
    idle.put(unet.adapters(), unet);
    if (idle.size() > IDLE) {
      Iterator<AdaptedUNet> longest = idle.values().iterator();
      free(longest.next());
      longest.remove();
    }
  }

  private AdaptedUNet adapted(Adapters adapters) {
    NDManager manager = nets.newManager();
    try {
      UNetPrograms programs = nets.adapted(manager, adapters);
      try {
        return read(manager, adapters, programs);
      } catch (RuntimeException e) {
        programs.close();
        throw e;
      }
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  private AdaptedUNet read(NDManager manager, Adapters adapters, UNetPrograms programs) {
    return new AdaptedUNet(adapters, manager, programs, programs.read().run(manager, nullText));
  }

  private static void free(AdaptedUNet unet) {
    unet.programs().close();
    unet.manager().close();
  }

  /** Frees all of them, those in use too; the plain one's programs are the nets'. */
  @Override
  public void close() {
    idle.values().forEach(AdaptedUNets::free);
    used.values().forEach(each -> free(each.unet()));
    idle.clear();
    used.clear();
    plain.manager().close();
  }
}
