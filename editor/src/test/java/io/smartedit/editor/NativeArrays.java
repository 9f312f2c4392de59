package io.smartedit.editor;

import static net.bytebuddy.matcher.ElementMatchers.isConstructor;
import static net.bytebuddy.matcher.ElementMatchers.named;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.util.NativeResource;
import java.util.concurrent.atomic.AtomicLong;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.agent.ByteBuddyAgent;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.dynamic.loading.ClassReloadingStrategy;

/**
 * The number of arrays and script values that libtorch holds for this process. DJL keeps no such
 * number, and one that nobody refers to any more is never freed: so what opens and closes them
 * counts, by advice woven into DJL's classes.
 */
public final class NativeArrays {

  /** Public, as is all that follows: woven into classes of other packages. */
  public static final AtomicLong LIVE = new AtomicLong();

  private NativeArrays() {}

  /** Counts from here on. */
  static void count() {
    ByteBuddyAgent.install();
    ClassReloadingStrategy reloading = ClassReloadingStrategy.fromInstalledAgent();
    ByteBuddy weaver = new ByteBuddy();
    weaver
        .redefine(NativeResource.class)
        .visit(Advice.to(Opened.class).on(isConstructor()))
        .make()
        .load(NativeResource.class.getClassLoader(), reloading);
    weaver
        .redefine(PtNDArray.class)
        .visit(Advice.to(Closed.class).on(named("close")))
        .make()
        .load(PtNDArray.class.getClassLoader(), reloading);
    weaver
        .redefine(IValue.class)
        .visit(Advice.to(Closed.class).on(named("close")))
        .make()
        .load(IValue.class.getClassLoader(), reloading);
  }

  /** At the end of a constructor. */
  public static final class Opened {
    private Opened() {}

    @Advice.OnMethodExit
    public static void counted() {
      LIVE.incrementAndGet();
    }
  }

  /** At the beginning of {@code close}, which may be called again. */
  public static final class Closed {
    private Closed() {}

    @Advice.OnMethodEnter
    public static void counted(@Advice.This NativeResource<?> self) {
      if (!self.isReleased()) {
        LIVE.decrementAndGet();
      }
    }
  }
}
