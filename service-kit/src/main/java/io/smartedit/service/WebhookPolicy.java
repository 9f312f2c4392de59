package io.smartedit.service;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where a request may have its events sent. Whatever it does not name is refused. That a name leads
 * to no private address is seen to where it is connected to.
 *
 * @param hosts that a request's webhook may name, as {@code shop.example.com}, {@code
 *     *.example.com} for all below, or {@code *} for any; none where requests may name no webhook
 * @param allowsPrivate whether addresses of this machine and its network will do, and {@code
 *     http://}: for trying out
 */
public record WebhookPolicy(Set<String> hosts, boolean allowsPrivate) {

  private static final String ANY = "*";
  private static final String NAME = "(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*";
  private static final String REST = "(?:[/?][!-\"$-~]*)?";
  private static final Pattern ADDRESS = Pattern.compile("https://" + NAME + REST);
  private static final Pattern PRIVATE_ADDRESS =
      Pattern.compile("https?://[A-Za-z0-9.\\[\\]:-]+" + REST);

  private static final Setting<Set<String>> HOSTS =
      new Setting<>(
          "webhook.hosts",
          "Hosts that a request's webhook may name, as shop.example.com, *.example.com, or * for"
              + " any; none where requests may name no webhook.",
          "",
          WebhookPolicy::readHosts,
          false);
  private static final Setting<Boolean> PRIVATE =
      Setting.flag(
          "webhook.allow-private",
          "Whether webhooks may go to private addresses and over http://, true or false: for"
              + " trying out.",
          "false");

  /** Declared by whoever takes requests or sends webhooks. */
  public static final List<Setting<?>> DECLARED = List.of(HOSTS, PRIVATE);

  public WebhookPolicy {
    hosts = Set.copyOf(hosts);
  }

  public static WebhookPolicy of(Settings settings) {
    return new WebhookPolicy(settings.get(HOSTS), settings.get(PRIVATE));
  }

  /**
   * Refuses an address that a request may not name.
   *
   * @throws IllegalArgumentException naming what is allowed
   */
  public void check(String url) {
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("requests may name no webhook here");
    }
    checkForm(url);
    String host = host(url);
    if (hosts.stream().noneMatch(allowed -> matches(allowed, host))) {
      throw new IllegalArgumentException(
          "host " + host + " is not among " + String.join(", ", new TreeSet<>(hosts)));
    }
  }

  /**
   * Refuses what is no address of a webhook, whoever names it.
   *
   * @throws IllegalArgumentException saying what it must be
   */
  public void checkForm(String url) {
    if (!(allowsPrivate ? PRIVATE_ADDRESS : ADDRESS).matcher(url).matches()) {
      throw new IllegalArgumentException(
          allowsPrivate
              ? "'" + url + "' is not of the form https://HOST/PATH or http://HOST:PORT/PATH"
              : "'" + url + "' is not of the form https://HOST/PATH with a host's name");
    }
  }

  /** What {@link #check} lets pass, as a regular expression; for the API's description. */
  public String pattern() {
    if (hosts.isEmpty()) {
      return "^(?!)";
    }
    String scheme = allowsPrivate ? "https?://" : "https://";
    String port = allowsPrivate ? "(?::[0-9]+)?" : "";
    String any = allowsPrivate ? "[A-Za-z0-9.-]+" : NAME;
    String names =
        new TreeSet<>(hosts)
            .stream()
                .map(
                    host ->
                        host.equals(ANY)
                            ? any
                            : host.replace(".", "[.]").replace("*", "(?:[a-z0-9-]+[.])*[a-z0-9-]+"))
                .collect(Collectors.joining("|"));
    return "^" + scheme + "(?:" + names + ")" + port + REST + "$";
  }

  private static String host(String url) {
    String rest = url.substring(url.indexOf("://") + 3);
    String authority = rest.split("[/?]", 2)[0];
    return authority.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
  }

  private static boolean matches(String allowed, String host) {
    if (allowed.equals(ANY)) {
      return true;
    }
    return allowed.startsWith("*.")
        ? host.endsWith(allowed.substring(1)) && host.length() >= allowed.length()
        : host.equals(allowed);
  }

  private static Set<String> readHosts(String text) {
    Set<String> hosts = Setting.names("", "", "").parser().apply(text);
    for (String host : hosts) {
      if (!host.matches("\\*|(?:\\*\\.)?" + NAME)) {
        throw new IllegalArgumentException(
            "must be hosts' names in lower case, as shop.example.com or *.example.com");
      }
    }
    return hosts;
  }
}
