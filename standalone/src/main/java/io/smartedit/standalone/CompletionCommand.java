package io.smartedit.standalone;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** {@code smartedit completion}: what a shell needs to complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script with which a shell completes commands and options.",
    footer = {
      "",
      "bash, zsh:  source <(./smartedit completion bash)",
      "fish:       ./smartedit completion fish | source"
    })
final class CompletionCommand implements Callable<Integer> {

  private static final String NAME = "smartedit";

  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  private @Nullable Shell shell;

  /** A shell. */
  enum Shell {
    /** As picocli writes it. */
    bash,
    /** As bash: the script turns zsh's emulation on. */
    zsh,
    /** Which picocli does not know. */
    fish
  }

  @Override
  public Integer call() {
    CommandLine all = Main.commandLine();
    System.out.println(
        shell == Shell.fish
            ? String.join("\n", fish(all.getCommandSpec(), List.of()))
            : AutoComplete.bash(NAME, all));
    return 0;
  }

  /** What stands behind a command's name: its subcommands and its options, and theirs. */
  private static List<String> fish(CommandSpec command, List<String> path) {
    List<String> lines = new ArrayList<>();
    String here = path.stream().map(CompletionCommand::seen).collect(Collectors.joining("; and "));
    String names = String.join(" ", command.subcommands().keySet());
    command
        .subcommands()
        .forEach(
            (name, line) -> {
              CommandSpec sub = line.getCommandSpec();
              String where =
                  path.isEmpty() ? "__fish_use_subcommand" : here + "; and not " + seen(names);
              lines.add(
                  complete(where) + " -f -a " + name + described(sub.usageMessage().description()));
              List<String> below = new ArrayList<>(path);
              below.add(name);
              lines.addAll(fish(sub, below));
            });
    for (OptionSpec option : command.options()) {
      if (!option.hidden() && !path.isEmpty()) {
        lines.add(complete(here) + flags(option) + described(option.description()));
      }
    }
    return lines;
  }

  private static String seen(String names) {
    return "__fish_seen_subcommand_from " + names;
  }

  private static String complete(String where) {
    return "complete -c " + NAME + " -n '" + where + "'";
  }

  private static String flags(OptionSpec option) {
    StringBuilder flags = new StringBuilder();
    for (String name : option.names()) {
      flags.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1));
    }
    return (option.arity().max() > 0 ? flags.append(" -r") : flags).toString();
  }

  /** The first sentence, without the defaults that picocli would fill in. */
  private static String described(String... text) {
    String all = String.join(" ", text).replaceAll("\\s*\\(default[^()]*\\)", "");
    String first = all.split("(?<=[.:;])\\s", 2)[0].replaceAll("[.:;]$", "");
    return " -d '" + first.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
