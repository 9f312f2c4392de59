package io.smartedit.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A service's process: settings from file, environment and arguments, problems in plain lines, exit
 * codes.
 *
 * <p>Arguments are {@code NAME=VALUE}, or {@code --config=FILE} for a properties file.
 */
public final class ServiceMain {

  private static final String CONFIG = "--config=";
  private static final int FAILED = 1;
  private static final int BAD_SETTINGS = 2;

  private ServiceMain() {}

  /** What runs until it is told to end, or ends by itself; answers its exit code. */
  @FunctionalInterface
  public interface Run {
    int until(Settings settings) throws IOException, InterruptedException;
  }

  /** Reads settings and runs; answers the exit code. */
  public static int run(List<Setting<?>> declared, String[] arguments, Run service) {
    if (System.getProperty("LOG_LEVEL") == null && System.getenv("LOG_LEVEL") == null) {
      System.setProperty("LOG_LEVEL", "INFO");
    }
    Path config = null;
    List<String> values = new ArrayList<>();
    for (String argument : arguments) {
      if (argument.startsWith(CONFIG)) {
        config = Path.of(argument.substring(CONFIG.length()));
      } else if (argument.equals("--help")) {
        System.out.println("NAME=VALUE ..., or --config=FILE\n\n" + Settings.table(declared));
        return 0;
      } else {
        values.add(argument);
      }
    }
    Path file = config;
    return explained(
        () ->
            service.until(
                Settings.read(declared, Settings.given(declared, file, System.getenv(), values))));
  }

  private static int explained(Callable<Integer> action) {
    try {
      return action.call();
    } catch (SettingsException e) {
      String.valueOf(e.getMessage())
          .lines()
          .forEach(line -> System.err.println("smartedit: " + line));
      return BAD_SETTINGS;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return FAILED;
    } catch (Exception e) { // the process ends; its last words
      System.err.println("smartedit: " + e.getMessage());
      return FAILED;
    }
  }
}
