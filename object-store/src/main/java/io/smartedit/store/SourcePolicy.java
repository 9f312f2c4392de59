package io.smartedit.store;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Where sources may lie. Whatever it does not name is refused.
 *
 * @param buckets of the store
 * @param hosts that {@code https://} may name, as {@code img.example.com}, or {@code *.example.com}
 *     for all below; none where the web is not asked
 */
public record SourcePolicy(Set<String> buckets, Set<String> hosts) {

  /** Begins a source on the web. */
  public static final String WEB = "https://";

  private static final Pattern HOST =
      Pattern.compile("(?:\\*\\.)?(?:[a-z0-9-]+\\.)*[a-z][a-z0-9-]*");

  /**
   * @throws IllegalArgumentException where a host is not a name in lower case; an address is none
   */
  public SourcePolicy {
    buckets = Set.copyOf(buckets);
    hosts = Set.copyOf(hosts);
    for (String host : hosts) {
      if (!HOST.matcher(host).matches()) {
        throw new IllegalArgumentException("'" + host + "' is not a host's name in lower case");
      }
    }
  }

  /**
   * Refuses a source that lies elsewhere.
   *
   * @throws IllegalArgumentException naming what is allowed
   */
  public void check(String source) {
    if (source.startsWith(WEB)) {
      web(source);
    } else {
      object(source);
    }
  }

  private void object(String source) {
    String bucket = ObjectName.parse(source).bucket();
    if (!buckets.contains(bucket)) {
      throw new IllegalArgumentException("bucket " + bucket + " is not among " + sorted(buckets));
    }
  }

  /**
   * The address of a source on the web.
   *
   * @throws IllegalArgumentException where it is none, or on no allowed host
   */
  URI web(String source) {
    URI uri;
    try {
      uri = new URI(source);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'" + source + "' is not a URI: " + e.getReason(), e);
    }
    boolean plain =
        "https".equals(uri.getScheme())
            && uri.getHost() != null
            && uri.getPort() == -1
            && uri.getRawUserInfo() == null
            && uri.getRawFragment() == null;
    if (!plain) {
      throw new IllegalArgumentException("'" + source + "' is not of the form https://host/path");
    }
    if (hosts.isEmpty()) {
      throw new IllegalArgumentException("https:// is not allowed here");
    }
    if (!isAllowed(uri.getHost())) {
      throw new IllegalArgumentException(
          "host " + uri.getHost() + " is not among " + sorted(hosts));
    }
    return uri;
  }

  private boolean isAllowed(String host) {
    return HOST.matcher(host).matches() && (hosts.contains(host) || isBelow(host));
  }

  private boolean isBelow(String host) {
    for (int at = host.indexOf('.'); at > 0; at = host.indexOf('.', at + 1)) {
      if (hosts.contains("*" + host.substring(at))) {
        return true;
      }
    }
    return false;
  }

  private static String sorted(Set<String> names) {
    return String.join(", ", new TreeSet<>(names));
  }
}
