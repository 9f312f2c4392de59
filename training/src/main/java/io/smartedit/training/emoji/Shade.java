package io.smartedit.training.emoji;

/** How much of a backdrop's second colour is at a place, from 0 to 1; the same at any size. */
sealed interface Shade permits Backdrop.Pattern, Texture {

  /** At a place of a {@link Scene#SIDE} square. */
  double at(float x, float y);
}
