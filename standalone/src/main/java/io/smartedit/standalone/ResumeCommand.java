package io.smartedit.standalone;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code smartedit resume}: lets go on what {@code pause} let rest. */
@Command(
    name = "resume",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a tenant (--tenant), a model or everything go on that was paused. What was paused",
      "by another name stays so: `pause --list` says what rests."
    })
final class ResumeCommand implements Callable<Integer> {

  @ArgGroup private PauseCommand.@Nullable Resting resting;

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException {
    System.out.println(ingest.delete(PauseCommand.Resting.path(resting, ingest)).toPrettyString());
    return 0;
  }
}
