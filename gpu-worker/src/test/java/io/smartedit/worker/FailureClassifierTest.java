package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import io.smartedit.editor.OutOfDeviceMemoryException;
import io.smartedit.editor.image.NotANumberException;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.events.FailureKind;
import io.smartedit.events.Status;
import org.junit.jupiter.api.Test;

final class FailureClassifierTest {

  @Test
  void theSenderHearsWhatHeCanMend() {
    JobFailedException failure =
        FailureClassifier.failure(new BadRequestException("instruction is too long"));

    assertThat(failure.status()).isEqualTo(Status.REJECTED);
    assertThat(failure).hasMessage("instruction is too long").hasCauseInstanceOf(Exception.class);
  }

  @Test
  void anImageThatIsNoNumberFailsAndSaysSo() {
    JobFailedException failure =
        FailureClassifier.failure(new NotANumberException("latents", 3, 4096));

    assertThat(failure.kind()).isEqualTo(FailureKind.INTERNAL);
    assertThat(failure.getMessage()).contains("latents: 3 of 4096 values are not finite");
  }

  @Test
  void memoryThatRanOutIsAMatterOfResources() {
    for (Throwable thrown :
        new Throwable[] {
          new OutOfMemoryError("Java heap space"),
          new OutOfDeviceMemoryException(new EngineException("out of memory"))
        }) {
      assertThat(FailureClassifier.failure(thrown).kind()).isEqualTo(FailureKind.RESOURCES);
    }
  }

  @Test
  void whatNobodyForesawSaysNothingOfOurInsideAndKeepsItsCause() {
    IllegalStateException thrown = new IllegalStateException("password is secret");

    JobFailedException failure = FailureClassifier.failure(thrown);

    assertThat(failure.getMessage()).startsWith("internal error").doesNotContain("secret");
    assertThat(failure).hasCause(thrown);
  }

  @Test
  void onlyWhatBreaksTheProcessEndsTheWorker() {
    assertThat(FailureClassifier.endsTheWorker(new UnsatisfiedLinkError("x"))).isTrue();
    assertThat(FailureClassifier.endsTheWorker(new InternalError("x"))).isTrue();
    assertThat(FailureClassifier.endsTheWorker(new EngineException("CUDA error: lost"))).isTrue();
    assertThat(FailureClassifier.endsTheWorker(new EngineException("bad shape"))).isFalse();
    assertThat(FailureClassifier.endsTheWorker(new OutOfMemoryError())).isFalse();
    assertThat(FailureClassifier.endsTheWorker(new StackOverflowError())).isFalse();
  }
}
