package io.smartedit.standalone;

import io.smartedit.editor.EditCancelledException;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.image.NotANumberException;
import io.smartedit.editor.nn.WeightsException;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.provenance.SigningKeyException;
import io.smartedit.provenance.TimestampException;
import io.smartedit.service.Drain;
import io.smartedit.service.SettingsException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code smartedit} command: a list of what it can do. */
@Command(
    name = "smartedit",
    mixinStandardHelpOptions = true,
    version = "smartedit " + SmartEdit.VERSION,
    description = "Edits images by instruction with SmartEdit (arXiv 2312.06739).",
    subcommands = {
      DemoCommand.class,
      UpCommand.class,
      RunCommand.class,
      SubmitCommand.class,
      StatusCommand.class,
      WatchCommand.class,
      CancelCommand.class,
      RedriveCommand.class,
      BatchCommand.class,
      PauseCommand.class,
      ResumeCommand.class,
      SettingsCommand.class,
      EditCommand.class,
      VerifyCommand.class,
      DoctorCommand.class,
      ParityCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      ExportCommand.class,
      CompletionCommand.class,
      CommandLine.HelpCommand.class
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong use or bad request, 3 model not usable,",
      "            130 interrupted.",
      "",
      "Try: ./smartedit demo            the whole stream once, on this machine",
      "     ./smartedit doctor DIR      what a model folder has and lacks",
      "     ./smartedit help edit       how to edit one image"
    })
final class Main {

  static final int FAILED = 1;
  static final int BAD_REQUEST = 2;
  static final int MODEL_NOT_USABLE = 3;
  static final int INTERRUPTED = 130;

  /** Options of earlier versions, which still work. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "--reader-precision", "--encoder-precision",
          "--reader-device", "--encoder-device",
          "--painter-precision", "--denoiser-precision",
          "--painter-device", "--denoiser-device",
          "--release-reader", "--release-encoder");

  private Main() {}

  public static void main(String[] arguments) {
    Runtime.getRuntime().addShutdownHook(new Thread(Main::end, "smartedit-end"));
    System.exit(run(arguments));
  }

  /** Whoever drains is waited for; of the rest, what libtorch computes at the moment. */
  private static void end() {
    Drain.awaitAll();
    SmartEdit.endComputing();
  }

  /** Runs a command and gives its exit code. */
  static int run(String... arguments) {
    // DJL reports its use to its makers unless told not to.
    System.setProperty("OPT_OUT_TRACKING", "true");
    Locale.setDefault(Locale.ROOT);
    CommandLine command = commandLine();
    if (arguments.length == 0) {
      command.usage(System.out);
      return BAD_REQUEST;
    }
    warnOfOldNames(arguments);
    return command.execute(arguments);
  }

  private static void warnOfOldNames(String... arguments) {
    for (String argument : arguments) {
      String now = RENAMED.get(argument.split("=", 2)[0]);
      if (now != null) {
        System.err.println("smartedit: " + argument + ": the option is called " + now + " now");
      }
    }
  }

  /** All commands. */
  static CommandLine commandLine() {
    CommandLine command = new CommandLine(new Main());
    command.setCaseInsensitiveEnumValuesAllowed(true);
    command.setExecutionExceptionHandler(Main::explain);
    return command;
  }

  /** One line for what the user can mend; the cause only for what we must. */
  private static int explain(Exception e, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (e instanceof EditCancelledException) {
      return say(e, INTERRUPTED);
    }
    if (e instanceof BadRequestException || e instanceof SettingsException) {
      return say(e, BAD_REQUEST);
    }
    if (e instanceof CheckpointException
        || e instanceof WeightsException
        || e instanceof NotANumberException) {
      return say(e, MODEL_NOT_USABLE);
    }
    if (e instanceof IngestClient.RefusedException) {
      return say(e, BAD_REQUEST);
    }
    if (e instanceof SigningKeyException) {
      return say(e, BAD_REQUEST);
    }
    if (e instanceof UncheckedIOException || e instanceof TimestampException) {
      return say(e, FAILED);
    }
    if (e instanceof IOException) {
      System.err.println("smartedit: " + e.getClass().getSimpleName() + ": " + e.getMessage());
      return FAILED;
    }
    throw e;
  }

  private static int say(Exception e, int code) {
    System.err.println("smartedit: " + e.getMessage());
    return code;
  }
}
